/** `convex export` and `convex import`, with the official CLI. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { makeFunctionReference } from "convex/server";
import { expect, onTestFinished, test } from "vitest";
import { openPromise } from "yauzl";
import { startBackend } from "../../../embedded/backend.ts";
import type { Backend } from "../../../embedded/backend.ts";
import { silentLog } from "../../../embedded/log.ts";
import { temporaryFolder } from "../served/backend.ts";
import { Project } from "./project.ts";
import { pushed } from "./pushed.ts";

const fill = makeFunctionReference<"action">("values:fill");
const fileUrls = makeFunctionReference<"query", Record<string, never>, string[]>("values:files");
const byAuthor = makeFunctionReference<"query">("notes:byAuthor");

/** Each command is a process of its own, with a start of a second or more. */
const TIMEOUT_MS = 300_000;
const COMPONENTS = ["", "ledger", "second"];

/** All documents of all components, and the numbers of their tables. */
async function everythingIn({ engine }: Backend): Promise<Record<string, unknown>> {
  return engine.transact(({ snapshot }) => {
    const everything: Record<string, unknown> = {};
    for (const component of COMPONENTS) {
      for (const { name, number } of snapshot.tables(component)) {
        if (name.startsWith("_") && name !== "_storage") continue;
        const documents = snapshot.read(component, name, null, 1000).map(({ text }) => text);
        if (documents.length > 0) everything[`${component}/${name}`] = { number, documents };
      }
    }
    return everything;
  });
}

async function bytesOf(project: Project): Promise<string[]> {
  const urls = await project.client().query(fileUrls);
  return Promise.all(
    urls.map(async (url) => {
      const response = await fetch(url);
      return `${String(response.headers.get("content-type"))} ${Buffer.from(await response.arrayBuffer()).toString("hex")}`;
    }),
  );
}

async function filesOf(zip: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const archive = await openPromise(zip);
  for await (const entry of archive.eachEntry()) {
    const chunks: Buffer[] = [];
    for await (const chunk of await archive.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
    files.set(entry.fileName, Buffer.concat(chunks).toString("utf8"));
  }
  return files;
}

test(
  "[E19.9] [G17] a snapshot imports into a fresh backend with ids, creation times, values and files unchanged, in every component",
  async () => {
    const source = await pushed();
    await source.project.client().action(fill);
    const before = await everythingIn(source.backend);
    const bytes = await bytesOf(source.project);
    expect(Object.keys(before).sort()).toEqual([
      "/_storage",
      "/everything",
      "/notes",
      "ledger/entries",
      "second/entries",
    ]);
    const zip = path.join(temporaryFolder(), "snapshot.zip");
    await source.project.succeed("export", "--include-file-storage", "--path", zip);
    // Nothing is changed by it.
    expect(await everythingIn(source.backend)).toEqual(before);

    // Its tables have other numbers at first: another table is made before them.
    const target = await startBackend({ dataDir: temporaryFolder(), port: 0, graceMs: 0, log: silentLog });
    onTestFinished(() => target.close());
    const project = new Project(source.project.folder, target);
    const lines = path.join(temporaryFolder(), "first.jsonl");
    writeFileSync(lines, '{"a":1}\n');
    await project.succeed("import", "--table", "first", lines);
    await project.succeed("dev", "--once", "--typecheck", "disable");
    await project.succeed("import", "--replace-all", "--yes", zip);
    expect(await everythingIn(target)).toEqual(before);
    expect(await bytesOf(project)).toEqual(bytes);
    expect(await project.client().query(byAuthor, { author: "grüezi 你好 שלום 🙂" })).toHaveLength(1);
  },
  TIMEOUT_MS,
);

test(
  "[E19.9] the snapshot has the form of Convex's own: paths, table numbers, and numbers that tell Int64 from Float64",
  async () => {
    const { backend, project } = await pushed();
    await project.client().action(fill);
    const zip = path.join(temporaryFolder(), "snapshot.zip");
    await project.succeed("export", "--include-file-storage", "--path", zip);
    const files = await filesOf(zip);
    const stored = [...files.keys()].filter((name) => /^_storage\/(?!documents)/.test(name));
    expect(stored).toHaveLength(2);
    expect([...files.keys()].filter((name) => !stored.includes(name)).sort()).toEqual([
      "README.md",
      "_components/ledger/_storage/documents.jsonl",
      "_components/ledger/_tables/documents.jsonl",
      "_components/ledger/entries/documents.jsonl",
      "_components/ledger/entries/generated_schema.jsonl",
      "_components/second/_storage/documents.jsonl",
      "_components/second/_tables/documents.jsonl",
      "_components/second/entries/documents.jsonl",
      "_components/second/entries/generated_schema.jsonl",
      "_storage/documents.jsonl",
      "_tables/documents.jsonl",
      "everything/documents.jsonl",
      "everything/generated_schema.jsonl",
      "notes/documents.jsonl",
      "notes/generated_schema.jsonl",
    ]);
    expect(files.get("_tables/documents.jsonl")).toBe(
      '{"name":"notes","id":10001}\n{"name":"everything","id":10002}\n',
    );
    expect(files.get("notes/generated_schema.jsonl")).toBe('"uniform"\n');
    const values = (files.get("everything/documents.jsonl") ?? "").match(/"value":(.*)\}$/gm) ?? [];
    for (const text of ["0", "1", "9223372036854775807", "0.0", "1.0", "-0.0", "1.5", "1e+300", "5e-324"]) {
      expect(values).toContain(`"value":${text}}`);
    }
    expect(values).toContain('"value":{"a":1.0,"b":{"c":1,"d":-0.0}}}');
    expect(values).toContain('"value":{"$bytes":"AQL/"}}');
    // Convex takes no other table number in ids of files (`DefaultTableNumber::FileStorage`).
    const { number } = (await everythingIn(backend))["/_storage"] as { number: number };
    expect(number).toBe(28);
    expect(JSON.parse((files.get("_storage/documents.jsonl") ?? "").split("\n")[0] ?? "")).toMatchObject({
      _id: expect.any(String),
      _creationTime: expect.any(Number),
      sha256: expect.any(String),
      size: expect.any(Number),
      internalId: expect.any(String),
    });
  },
  TIMEOUT_MS,
);

test(
  "[E19.10] [G17] an import that fails leaves what was there before, and says why",
  async () => {
    const { backend, project } = await pushed();
    await project.client().action(fill);
    const before = await everythingIn(backend);
    const file = path.join(temporaryFolder(), "notes.jsonl");
    const importing = async (lines: string, ...args: string[]): Promise<string> => {
      writeFileSync(file, lines);
      const { code, stderr } = await project.convex("import", "--table", "notes", "--yes", ...args, file);
      expect(code).toBe(1);
      expect(await everythingIn(backend)).toEqual(before);
      return stderr;
    };
    const good = '{"author":"bo","text":"hi"}\n';
    expect(await importing(good)).toContain("already exists and is not empty");
    expect(await importing(`${good}{"author":1,"text":"hi"}\n`, "--replace")).toContain(
      "does not match the schema",
    );
    expect(await importing(`${good}not json\n`, "--replace")).toContain("Row 2 wasn't valid JSON");
    expect(await importing(`${good}{"_id":"x","author":"bo","text":"hi"}\n`, "--append")).toContain(
      '"x" is not an id of table "notes"',
    );
    const zip = path.join(temporaryFolder(), "broken.zip");
    writeFileSync(zip, "PK no archive");
    const broken = await project.convex("import", "--replace-all", "--yes", zip);
    expect(broken.stderr).toContain("not a ZIP archive");
    expect(await everythingIn(backend)).toEqual(before);
  },
  TIMEOUT_MS,
);

test(
  "[E19.10] `import` of JSON lines and arrays appends to a table or replaces it, and live queries see it",
  async () => {
    const { project } = await pushed();
    const watching = project.start("run", "--watch", "notes:count");
    await watching.untilPrinted(/^0$/m);
    const file = path.join(temporaryFolder(), "notes.json");
    writeFileSync(
      file,
      JSON.stringify([
        { author: "bo", text: "one" },
        { author: "bo", text: "two" },
      ]),
    );
    await project.succeed("import", "--table", "notes", file);
    await watching.untilPrinted(/^2$/m);
    await project.succeed("import", "--table", "notes", "--append", file);
    await watching.untilPrinted(/^4$/m);
    await project.succeed("import", "--table", "notes", "--replace", "--yes", file);
    expect(JSON.parse(await project.succeed("run", "notes:byAuthor", '{"author":"bo"}'))).toEqual([
      "one",
      "two",
    ]);
    const entries = path.join(temporaryFolder(), "entries.jsonl");
    writeFileSync(entries, '{"amount":{"$integer":"BQAAAAAAAAA="}}\n');
    await project.succeed("import", "--table", "entries", "--component", "ledger", entries);
    expect(await project.succeed("run", "--component", "ledger", "entries:count")).toBe("1\n");
  },
  TIMEOUT_MS,
);
