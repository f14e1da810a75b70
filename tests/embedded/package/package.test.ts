/** The tarball of `npm pack`, used in an empty project as its README shows. With `TEST_LONG=on` npm installs it. */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ConvexHttpClient } from "convex/browser";
import { anyApi } from "convex/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startProgram } from "../cli/program.ts";
import type { Command } from "../cli/program.ts";
import {
  EXAMPLE,
  installFromRegistry,
  installOffline,
  makeProject,
  pack,
  temporaryFolder,
} from "./installed.ts";

/** Each step is a process of its own, on a machine that may be busy. */
const TIMEOUT_MS = 300_000;
const { folder, dispose } = temporaryFolder();
const project = makeProject(folder);
const inProject = (...parts: string[]): string => path.join(project, ...parts);
const BIN = inProject("node_modules/embedded-convex/bin/embedded-convex.mjs");

beforeAll(() => {
  const install = process.env["TEST_LONG"] === "on" ? installFromRegistry : installOffline;
  install(project, pack(folder));
}, TIMEOUT_MS);
afterAll(dispose, TIMEOUT_MS);

const start = (...flags: string[]): Command => startProgram([BIN, "--port", "0", ...flags], project);

async function ready(command: Command): Promise<string> {
  await command.untilPrinted("Ctrl-C ends it");
  return /ready at (\S+)/.exec(command.printed())![1]!;
}

const filesIn = (directory: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory).map((name) => [name, readFileSync(path.join(directory, name), "utf8")]),
  );

test(
  "[E22.1, E22.3, E22.4] the installed command writes `_generated`, serves the app to clients and the official CLI, and follows its files",
  async () => {
    const command = start();
    const client = new ConvexHttpClient(await ready(command));
    expect(filesIn(inProject("convex/_generated"))).toEqual(filesIn(path.join(EXAMPLE, "convex/_generated")));
    await client.mutation(anyApi["messages"]!["send"]!, { author: "Ann", text: "grüezi" });
    expect(await client.query(anyApi["messages"]!["newest"]!, {})).toMatchObject([{ text: "grüezi" }]);

    // What it has printed is what `.env.local` needs.
    const settings = command
      .printed()
      .split("\n")
      .filter((line) => /^[A-Z_]+=/.test(line));
    expect(settings.map((line) => line.split("=")[0])).toEqual([
      "VITE_CONVEX_URL",
      "CONVEX_SELF_HOSTED_URL",
      "CONVEX_SELF_HOSTED_ADMIN_KEY",
    ]);
    writeFileSync(inProject(".env.local"), `${settings.join("\n")}\n`);
    const cli = await startProgram(
      [inProject("node_modules/convex/bin/main.js"), "run", "messages:newest"],
      project,
    ).ended;
    expect(cli.code, cli.stderr).toBe(0);
    expect(JSON.parse(cli.stdout)).toMatchObject([{ author: "Ann", text: "grüezi" }]);

    const file = inProject("convex/messages.ts");
    const source = readFileSync(file, "utf8");
    writeFileSync(file, source.replace(".take(10)", ".take(0)"));
    await command.untilPrinted("Functions replaced.");
    expect(await client.query(anyApi["messages"]!["newest"]!, {})).toEqual([]);
    writeFileSync(file, "export const broken = ;\n");
    await command.untilPrinted("Functions not replaced, the old ones go on.");
    expect(await client.query(anyApi["messages"]!["newest"]!, {})).toEqual([]);
    writeFileSync(file, source);
    await command.untilPrinted(/Functions not replaced[^]*Functions replaced\./);

    writeFileSync(inProject("convex/more.ts"), source);
    await command.untilPrinted(/Wrote convex\/_generated[^]*Wrote convex\/_generated/);
    expect(readFileSync(inProject("convex/_generated/api.d.ts"), "utf8")).toContain('from "../more.js"');
    rmSync(inProject("convex/more.ts"));

    expect(await command.interrupt()).toMatchObject({ code: 0, stderr: "" });
    const again = start();
    const after = new ConvexHttpClient(await ready(again));
    expect(await after.query(anyApi["messages"]!["newest"]!, {})).toMatchObject([{ text: "grüezi" }]);
    expect(readFileSync(inProject(".embedded-convex/.gitignore"), "utf8")).toBe("*\n");
    expect((await again.interrupt()).code).toBe(0);
  },
  TIMEOUT_MS,
);

test(
  "[E22.5] `embeddedTest` of the installed package runs the example's test in vitest",
  async () => {
    cpSync(path.join(EXAMPLE, "convex/_generated"), inProject("convex/_generated"), { recursive: true });
    const { code, stdout, stderr } = await startProgram(
      [inProject("node_modules/vitest/vitest.mjs"), "run", "--maxWorkers=1"],
      project,
    ).ended;
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/1 passed/);
  },
  TIMEOUT_MS,
);

test(
  "[E22.1] a program starts a backend by `startBackend`, and its types hold",
  async () => {
    cpSync(path.join(EXAMPLE, "convex/_generated"), inProject("convex/_generated"), { recursive: true });
    writeFileSync(
      inProject("serve.ts"),
      `import { startBackend, silentLog } from "embedded-convex";
import type { Backend } from "embedded-convex";
const backend: Backend = await startBackend({ functionsDir: "convex", dataDir: "memory", port: 0, log: silentLog });
const response = await fetch(backend.url + "/api/query", {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ path: "messages:newest", args: {} }),
});
console.log(await response.text());
await backend.close();
process.exit(0);
`,
    );
    writeFileSync(
      inProject("tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          ...{ target: "ES2022", module: "ESNext", moduleResolution: "Bundler", types: ["node"] },
          ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, outDir: "out" },
        },
        include: ["serve.ts", "convex/messages.test.ts"],
      }),
    );
    const types = await startProgram([inProject("node_modules/typescript/bin/tsc")], project).ended;
    expect(types.code, types.stdout).toBe(0);
    const program = await startProgram([inProject("out/serve.js")], project).ended;
    expect(program, program.stderr).toMatchObject({ code: 0 });
    expect(JSON.parse(program.stdout)).toMatchObject({ status: "success", value: [] });
  },
  TIMEOUT_MS,
);

test(
  "[E22.2] bad input and what else keeps the command from starting is one line that says what to do",
  async () => {
    const first = start("--data", "memory");
    const { port } = new URL(await ready(first));
    const said = async (...flags: string[]): Promise<string> => {
      const { code, stdout, stderr } = await startProgram([BIN, ...flags], project).ended;
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      return stderr;
    };
    expect(await said("--data", "memory", "--port", port)).toBe(
      `Port ${port} on 127.0.0.1 is in use. Stop the program that uses it, or choose another: --port ${Number(port) + 1}.\n`,
    );
    expect(await said("--prt", port)).toBe(
      `Unknown option '--prt'. "embedded-convex --help" lists the flags.\n`,
    );
    expect(await said("--functions", "elsewhere")).toMatch(
      /^There is no functions folder at .*elsewhere\. Make it.*\n$/,
    );
    expect(await said("--port", "0", "--data", "package.json")).toMatch(
      /^The data folder .*cannot be written.*\n$/,
    );
  },
  TIMEOUT_MS,
);
