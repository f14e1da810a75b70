/** The official CLI, unmodified, as a child process against a started backend. */
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ConvexClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { expect, onTestFinished, test } from "vitest";
import { startBackend } from "../../../embedded/backend.ts";
import type { Backend } from "../../../embedded/backend.ts";
import { silentLog } from "../../../embedded/log.ts";
import { temporaryFolder } from "../served/backend.ts";
import { Project } from "./project.ts";
import { pushed } from "./pushed.ts";

/** Each command is a process of its own, with a start of a second or more. */
const TIMEOUT_MS = 300_000;

/** A backend without functions of its own: they are pushed. */
async function start(dataDir = "memory"): Promise<Backend> {
  const backend = await startBackend({ dataDir, port: 0, graceMs: 0, log: silentLog });
  onTestFinished(() => backend.close());
  return backend;
}

const add = makeFunctionReference<"mutation">("notes:add");
const book = makeFunctionReference<"mutation">("notes:book");
const byAuthor = makeFunctionReference<"query">("notes:byAuthor");
const greeting = makeFunctionReference<"query">("notes:greeting");
const fail = makeFunctionReference<"mutation">("notes:fail");

const addNote = (project: Project, author: string, text: string): Promise<unknown> =>
  project.client().mutation(add, { author, text });

const edit = (project: Project, file: string, change: (source: string) => string): void => {
  const absolute = path.join(project.folder, "convex", file);
  writeFileSync(absolute, change(readFileSync(absolute, "utf8")));
};

test(
  "[E19.3] `run` calls public and internal functions of the app and of components, as nobody or as somebody",
  async () => {
    const { project } = await pushed();
    await project.succeed("run", "notes:add", '{"author":"ann","text":"hi"}');
    expect(JSON.parse(await project.succeed("run", "notes:byAuthor", '{"author":"ann"}'))).toEqual(["hi"]);
    expect(await project.succeed("run", "notes:count")).toBe("1\n");
    expect(await project.succeed("run", "folder/work:digest", '{"text":"a"}')).toContain("ca978112");
    expect(await project.succeed("run", "--component", "ledger", "entries:secret")).toContain(
      "internal of a component",
    );
    const { url, adminKey } = project.deployment;
    const typed = new Project(project.folder, { url, adminKey: `prod:${adminKey}` });
    expect(await typed.succeed("run", "notes:whoAmI", "--identity", '{"name":"Ann"}')).toBe('"Ann"\n');
    expect(await project.succeed("run", "notes:whoAmI")).toBe('"nobody"\n');

    const failed = await project.convex("run", "notes:fail");
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(
      /Uncaught Error: it did not work\n {4}at handler \(\.\.\/convex\/notes\.ts:40:11\)/,
    );
    const unknown = await project.convex("run", "notes:nothing");
    expect(unknown.stderr).toContain("Could not find");
    expect(unknown.stderr).toContain("notes:byAuthor");
  },
  TIMEOUT_MS,
);

test(
  "[E19.3] `run --inline-query` reads the app's and a component's data and writes nothing",
  async () => {
    const { project } = await pushed();
    await addNote(project, "ann", "hi");
    const rows = await project.succeed("run", "--inline-query", 'await ctx.db.query("notes").take(5)');
    expect(JSON.parse(rows)).toMatchObject([{ author: "ann", text: "hi" }]);
    await project.client().mutation(book, { amount: 5n });
    const amount = 'return String((await ctx.db.query("entries").first()).amount);';
    expect(await project.succeed("run", "--component", "ledger", "--inline-query", amount)).toBe('"5"\n');
    const write = await project.convex("run", "--inline-query", 'await ctx.db.insert("notes", {})');
    expect(write.stderr).toContain("insert is not a function");
    const imported = await project.convex(
      "run",
      "--inline-query",
      'import fs from "fs"; export default query(() => 1)',
    );
    expect(imported.stderr).toContain("can import convex:/_system/repl/wrappers.js only");
  },
  TIMEOUT_MS,
);

test(
  "[E19.3] `run --watch` shows each new result until it is interrupted",
  async () => {
    const { project } = await pushed();
    const watching = project.start("run", "--watch", "notes:count");
    await watching.untilPrinted(/^0$/m);
    await addNote(project, "ann", "hi");
    await watching.untilPrinted(/^1$/m);
    expect((await watching.interrupt()).stderr).toContain("Closing connection");
  },
  TIMEOUT_MS,
);

test(
  "[E19.4] `env set` takes effect at once, stays over a restart, and `env remove` takes it back",
  async () => {
    const dataDir = temporaryFolder();
    const first = await start(dataDir);
    const project = Project.copy(first);
    await project.succeed("dev", "--once", "--typecheck", "disable");
    await project.succeed("env", "set", "GREETING", "grüezi");
    expect(await project.client().query(greeting)).toBe("grüezi");
    expect(await project.succeed("env", "list", "--include-values")).toBe("GREETING=grüezi\n");
    expect(await project.succeed("env", "get", "GREETING")).toBe("grüezi\n");
    expect(statSync(path.join(dataDir, "environment.json")).mode & 0o777).toBe(0o600);
    await first.close();

    const again = new Project(project.folder, await start(dataDir));
    expect(again.deployment.adminKey).toBe(first.adminKey);
    expect(await again.client().query(greeting)).toBe("grüezi");
    await again.succeed("env", "remove", "GREETING");
    expect(await again.client().query(greeting)).toBe("no greeting");
    const forbidden = await again.convex("env", "set", "CONVEX_CLOUD_URL", "x");
    expect(forbidden.stderr).toContain("is built-in and cannot be overridden");
  },
  TIMEOUT_MS,
);

test(
  "[E19.5] `logs` shows what functions log and how they fail, also what was before",
  async () => {
    const { project } = await pushed();
    await addNote(project, "ann", "hi");
    const logs = project.start("logs", "--history", "10", "--success");
    await logs.untilPrinted("[CONVEX M(notes:add)] [LOG] 'adding a note of' 'ann'");
    await expect(project.client().mutation(fail, {})).rejects.toThrow();
    await logs.untilPrinted("[CONVEX M(notes:fail)] Uncaught Error: it did not work");
    await project.succeed("run", "folder/work:digest", '{"text":"a"}');
    await logs.untilPrinted("[CONVEX A(folder/work:digest)] [LOG] 'digesting'");
    await logs.untilPrinted("[CONVEX A(folder/work:digest)] Function executed in");
  },
  TIMEOUT_MS,
);

test(
  "[E19.6] `data` lists tables and documents, `function-spec` the functions",
  async () => {
    const { backend, project } = await pushed();
    for (const text of ["first", "second", "third"]) {
      await addNote(project, "ann", text);
    }
    expect(await project.succeed("data")).toBe("everything\nnotes\n");
    expect(await project.succeed("data", "--component", "ledger")).toBe("entries\n");
    const newest = await project.succeed("data", "notes", "--limit", "2", "--format", "jsonl");
    expect(newest).toMatch(/"third".*\n.*"second".*\n$/);
    expect(newest).not.toContain("first");

    const spec = JSON.parse(await project.succeed("function-spec")) as { url: string; functions: unknown[] };
    expect(spec.url).toBe(backend.url);
    expect(spec.functions).toContainEqual({
      identifier: "notes.js:count",
      functionType: "Query",
      visibility: { kind: "internal" },
      args: { type: "object", value: {} },
      returns: { type: "number" },
    });
    expect(spec.functions).toContainEqual({ functionType: "HttpAction", method: "GET", path: "/hello" });
  },
  TIMEOUT_MS,
);

test(
  "[E19.7] a push is a deployment: functions in both runtimes, components, HTTP routes and crons run, also after a restart",
  async () => {
    const dataDir = temporaryFolder();
    const first = await start(dataDir);
    const project = Project.copy(first);
    const output = project.start("dev", "--once", "--typecheck", "disable");
    const { stderr, code } = await output.ended;
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("[+] notes.by_author");
    expect(stderr).toContain("Installed component second");
    const works = async (backend: Backend): Promise<void> => {
      const there = new Project(project.folder, backend);
      expect(await (await fetch(`${backend.url}/hello`)).text()).toBe("hello from a push");
      expect(await there.succeed("run", "folder/work:digest", '{"text":"a"}')).toContain("ca978112");
      expect(await there.client().mutation(book, { amount: 1n })).toEqual(expect.any(BigInt));
      expect([...(backend.deployment.components.get("")?.crons.keys() ?? [])]).toEqual(["clear"]);
    };
    await works(first);
    await first.close();
    await works(await start(dataDir));
  },
  TIMEOUT_MS,
);

test(
  "[E19.12] a push of what is in use puts nothing in its place: no live query runs again; a changed variable does",
  async () => {
    const { backend, project } = await pushed();
    // What was pushed before a start is put in place once more.
    await project.succeed("dev", "--once", "--typecheck", "disable");
    const client = new ConvexClient(backend.url);
    onTestFinished(() => client.close());
    await new Promise((resolve) => {
      client.onUpdate(byAuthor, { author: "ann" }, resolve);
    });
    const before = backend.deployment;
    const { queries } = backend.metrics();
    await project.succeed("dev", "--once", "--typecheck", "disable");
    expect(backend.deployment).toBe(before);
    expect(backend.metrics().queries).toBe(queries);
    await project.succeed("env", "set", "PUSHED", "again");
    const withVariable = backend.deployment;
    expect(withVariable).not.toBe(before);
    await project.succeed("dev", "--once", "--typecheck", "disable");
    expect(backend.deployment).not.toBe(withVariable);
    edit(
      project,
      "notes.ts",
      (source) => `${source}\nexport const added = query({ args: {}, handler: () => 1 });\n`,
    );
    await project.succeed("dev", "--once", "--typecheck", "disable");
    expect(await project.client().query(makeFunctionReference<"query">("notes:added"))).toBe(1);
  },
  TIMEOUT_MS,
);

test(
  "[E19.7] a second push sends what changed; one that cannot be changes nothing and says why",
  async () => {
    const { backend, project } = await pushed();
    const push = () => project.convex("dev", "--once", "--typecheck", "disable");
    await addNote(project, "ann", "hi");
    edit(project, "notes.ts", (source) => source.replace("no greeting", "a new greeting"));
    expect((await push()).code).toBe(0);
    expect(await project.client().query(greeting)).toBe("a new greeting");

    const { hash } = backend.deployment;
    edit(project, "schema.ts", (source) => source.replace("text: v.string()", "text: v.number()"));
    const mismatch = await push();
    expect(mismatch.code).toBe(1);
    expect(mismatch.stderr).toContain('in table "notes" does not match the schema');
    expect(backend.deployment.hash).toBe(hash);

    edit(project, "schema.ts", (source) => source.replace("text: v.number()", "text: v.string()"));
    edit(project, "notes.ts", (source) => `${source}\nthrow new Error("while it is loaded");\n`);
    const broken = await push();
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain("Uncaught Error: while it is loaded");
    expect(await project.succeed("run", "notes:count")).toBe("1\n");
  },
  TIMEOUT_MS,
);

test(
  "[E19.7] `deploy` makes and drops indexes as it says; with `--dry-run` it changes nothing",
  async () => {
    const { backend, project } = await pushed();
    const { hash } = backend.deployment;
    edit(project, "schema.ts", (source) =>
      source.replace('.index("by_author", ["author"])', '.index("by_text", ["text"])'),
    );
    edit(project, "notes.ts", (source) =>
      source.replace('withIndex("by_author", (q) => q.eq("author", author))', 'withIndex("by_text")'),
    );
    await project.succeed("deploy", "--dry-run", "--typecheck", "disable", "--yes");
    expect(backend.deployment.hash).toBe(hash);
    await addNote(project, "ann", "hi");
    const { code, stderr } = await project.convex("deploy", "--typecheck", "disable", "--yes");
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/\[\+\] notes\.by_text/);
    expect(stderr).toMatch(/\[-\] notes\.by_author/);
    expect(await project.client().query(byAuthor, { author: "ann" })).toEqual(["hi"]);
  },
  TIMEOUT_MS,
);

test(
  "[E19.7] `deploy` asks before it drops or makes an index of a large table, and goes by what it is told",
  async () => {
    const { backend, project } = await pushed();
    const { hash } = backend.deployment;
    await addNote(project, "ann", "hi");
    const deploy = (env: Record<string, string>, ...flags: string[]) =>
      project.with(env).convex("deploy", "--typecheck", "disable", "--yes", ...flags);

    edit(project, "schema.ts", (source) =>
      source.replace(/(\.index\("by_author", \["author"\]\))/, '$1.index("by_text", ["text"])'),
    );
    const makes = { CONVEX_MIN_DOCUMENTS_FOR_INDEX_BACKFILL_WARNING: "1" };
    const making = await deploy(makes);
    expect(making.code).toBe(1);
    expect(making.stderr).toMatch(/⛔ notes\.by_text .*1 document/);
    expect(making.stderr).not.toContain("notes.by_author");
    expect(backend.deployment.hash).toBe(hash);
    const made = await deploy(makes, "--skip-large-indexes-check");
    expect(made.code, made.stderr).toBe(0);

    edit(project, "schema.ts", (source) => source.replace('.index("by_text", ["text"])', ""));
    const drops = { CONVEX_MIN_DOCUMENTS_FOR_INDEX_DELETE_WARNING: "1" };
    const dropping = await deploy(drops);
    expect(dropping.code).toBe(1);
    expect(dropping.stderr).toMatch(/⛔ notes\.by_text .*1 document/);
    const unasked = await deploy({});
    expect(unasked.code, unasked.stderr).toBe(0);
  },
  TIMEOUT_MS,
);

test(
  "[E19.8] `dev` pushes again when a file is saved, and shows the logs",
  async () => {
    const backend = await start();
    const project = Project.copy(backend);
    const dev = project.start("dev", "--typecheck", "disable", "--tail-logs", "always");
    await dev.untilPrinted("Convex functions ready!");
    expect(await project.client().query(greeting)).toBe("no greeting");
    const { hash } = backend.deployment;
    edit(project, "notes.ts", (source) => source.replace("no greeting", "saved"));
    await expect.poll(() => backend.deployment.hash, { timeout: 60_000 }).not.toBe(hash);
    expect(await project.client().query(greeting)).toBe("saved");
    await addNote(project, "bo", "hi");
    await dev.untilPrinted("'adding a note of' 'bo'");
  },
  TIMEOUT_MS,
);

test(
  "[E19.2] a wrong admin key is refused, and what is not there is named at once",
  async () => {
    const { backend, project } = await pushed();
    const stranger = new Project(project.folder, { url: backend.url, adminKey: "embedded|0000" });
    const refused = await stranger.convex("env", "set", "GREETING", "x");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("The provided admin key was invalid for this instance");
    const run = await stranger.convex("run", "notes:count");
    expect(run.code).toBe(1);

    const asAdmin = { authorization: `Convex ${backend.adminKey}` };
    const missing = await fetch(`${backend.url}/api/app_metrics/udf_rate`, { headers: asAdmin });
    expect(missing.status).toBe(400);
    expect(await missing.json()).toMatchObject({
      message: expect.stringContaining("/api/app_metrics/udf_rate"),
    });
    for (const route of [
      "deploy2/start_push",
      "update_environment_variables",
      "run_test_function",
      "get_config_hashes",
    ]) {
      const anonymous = await fetch(`${backend.url}/api/${route}`, { method: "POST", body: "{}" });
      expect(anonymous.status, route).toBe(403);
    }
  },
  TIMEOUT_MS,
);

test("[E19.1] the admin key is in the data folder, for its owner alone, and stays the same", async () => {
  const dataDir = temporaryFolder();
  const backend = await start(dataDir);
  const file = path.join(dataDir, "admin-key");
  expect(readFileSync(file, "utf8").trim()).toBe(backend.adminKey);
  expect(backend.adminKey).toMatch(/^embedded\|[0-9a-f]{64}$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(dataDir)).toContain("database.sqlite");
});
