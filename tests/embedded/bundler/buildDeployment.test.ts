import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import vm from "node:vm";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildDeployment, compileDeployment } from "../../../embedded/bundler/buildDeployment.ts";
import { BuildError } from "../../../embedded/bundler/buildError.ts";
import { loadDeployment } from "../../../embedded/bundler/savedDeployment.ts";
import { APP, ENV, fixtureDeployment } from "../functions/harness.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "bundler-"));
  symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes the files into a functions folder and builds it. */
async function build(
  files: Record<string, string>,
  env: Record<string, string> = ENV,
  options: { leaveOutHelpers?: boolean } = {},
) {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, "convex", name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return buildDeployment({
    functionsDir: path.join(folder, "convex"),
    outDir: path.join(folder, "out"),
    env,
    ...options,
  });
}

/** The message of the `BuildError` with which the folder is refused. */
async function refusal(files: Record<string, string>, env?: Record<string, string>): Promise<string> {
  const error: unknown = await build(files, env).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(BuildError);
  return (error as BuildError).message;
}

/** Names of the modules that can be called in a bundle. */
function modulesIn(isolateCode: string): string[] {
  const context = vm.createContext({});
  vm.runInContext(isolateCode, context);
  return Object.keys((context as { convexModules: object }).convexModules).sort();
}

const QUERY = `import { queryGeneric } from "convex/server";\nexport const q = queryGeneric({ args: {}, handler: async () => 1 });\n`;
const ACTION = `import { actionGeneric } from "convex/server";\nexport const a = actionGeneric({ args: {}, handler: async () => 1 });\n`;

describe("which files are modules", () => {
  test("[E18.1] the fixture app: functions by module, kind, visibility and runtime; other files are skipped", async () => {
    const { components } = await fixtureDeployment();
    const app = components.get("")!;
    expect(app.functions.get("basic:echo")).toEqual({
      kind: "query",
      visibility: "public",
      runtime: "isolate",
      args: { type: "object", value: { value: { fieldType: { type: "any" }, optional: false } } },
      returns: null,
    });
    expect(app.functions.get("basic:secret")?.visibility).toBe("internal");
    expect(app.functions.get("basic:default")?.kind).toBe("query");
    expect(app.functions.get("folder/nodeWork:hash")).toMatchObject({ kind: "action", runtime: "node" });
    const modules = new Set([...app.functions.keys()].map((name) => name.split(":")[0]));
    expect([...modules].sort()).toEqual([
      "basic",
      "folder/nodeWork",
      "nested",
      "notes",
      "signing",
      "system",
      "world",
    ]);
    expect(app.isolateCode).not.toContain("two dots");
    expect(app.isolateCode).not.toContain("made by the CLI");
  });

  test("[E18.5] schema, crons, routes and auth providers are read from the modules that are named for them", async () => {
    const { components, authProviders } = await fixtureDeployment();
    const app = components.get("")!;
    expect(app.schema?.tables.map(({ tableName }) => tableName)).toEqual(["notes"]);
    expect([...app.crons]).toEqual([
      [
        "add a note",
        {
          name: "notes:add",
          args: [{ text: "hourly" }],
          schedule: { hours: 1, type: "interval" },
        },
      ],
    ]);
    expect(app.httpRoutes).toEqual([
      ["/exact", "GET"],
      ["/under/*", "POST"],
    ]);
    expect(authProviders).toEqual([
      { domain: ENV.CONVEX_SITE_URL, applicationID: "convex" },
      { type: "customJwt", issuer: "https://issuer", jwks: "https://issuer/jwks", algorithm: "RS256" },
    ]);
  });

  test("[E18.1] declarations, tests, dotfiles, files without import or export, and foreign extensions are skipped", async () => {
    const broken = "this is ( not code";
    const deployment = await build({
      "q.ts": QUERY,
      "types.d.ts": broken,
      "q.test.ts": broken,
      ".hidden.ts": broken,
      "empty.ts": "const nothing = 1;",
      "notes.md": broken,
      "with space.ts": broken,
      "_generated/api.js": broken,
    });
    expect([...deployment.components.get("")!.functions.keys()]).toEqual(["q:q"]);
  });

  // src/bundler/wasm.ts in convex-js.
  test("[E18.10] an import of a .wasm file is a compiled module, in both runtimes", async () => {
    mkdirSync(path.join(folder, "convex"), { recursive: true });
    writeFileSync(path.join(folder, "convex", "empty.wasm"), Buffer.from("0061736d01000000", "hex"));
    const use = `import module from "./empty.wasm";\nif (!(module instanceof WebAssembly.Module)) throw new Error("no module");\n`;
    const deployment = await build({ "q.ts": use + QUERY, "n.ts": `"use node";\n${use}${ACTION}` });
    expect([...deployment.components.get("")!.functions.keys()].sort()).toEqual(["n:a", "q:q"]);
  });

  // src/bundler/external.ts in convex-js.
  test.each([["*"], ["left-out"]])(
    "[E18.10] externalPackages [%j]: packages are the project's own, but for convex",
    async (listed) => {
      rmSync(path.join(folder, "node_modules"));
      const packages = path.join(folder, "node_modules");
      mkdirSync(path.join(packages, "left-out"), { recursive: true });
      symlinkSync(path.join(ROOT, "node_modules/convex"), path.join(packages, "convex"));
      writeFileSync(
        path.join(packages, "left-out/package.json"),
        `{ "name": "left-out", "main": "main.js" }`,
      );
      writeFileSync(path.join(packages, "left-out/main.js"), `exports.where = __filename;`);
      writeFileSync(
        path.join(folder, "convex.json"),
        JSON.stringify({ node: { externalPackages: [listed] } }),
      );
      const deployment = await build({
        "n.ts": `"use node";\nimport { where } from "left-out";\nif (!where.endsWith("main.js")) throw new Error(where);\n${ACTION}`,
      });
      const { functions, nodeFile } = deployment.components.get("")!;
      expect([...functions.keys()]).toEqual(["n:a"]);
      const code = readFileSync(nodeFile!, "utf8");
      expect(code).toMatch(/from "left-out"/);
      expect(code).not.toMatch(/from "convex/);
    },
  );

  test("[E18.11] helpers are left out on demand; what functions import of them stays, and so does what is read or routed", async () => {
    const files = {
      "main.ts": `import { two } from "./helper";\nimport { queryGeneric } from "convex/server";\nexport const q = queryGeneric({ handler: async () => two });`,
      "helper.ts": `export const two = 2;\nexport const three = 3;`,
      "lonely.ts": `export const unused = "nobody imports this";`,
      "http.ts": `import { httpRouter, httpActionGeneric } from "convex/server";\nconst http = httpRouter();\nhttp.route({ path: "/a", method: "GET", handler: httpActionGeneric(async () => new Response()) });\nexport default http;`,
      "schema.ts": `import { defineSchema, defineTable } from "convex/server";\nexport default defineSchema({ rows: defineTable({}) });`,
      "auth.config.ts": `export default { providers: [{ domain: "https://issuer.test", applicationID: "a" }] };`,
      "node.ts": `"use node";\n${ACTION}`,
    };
    const whole = (await build(files)).components.get("")!;
    const built = await build(files, ENV, { leaveOutHelpers: true });
    const { isolateCode, isolateFile: _, ...lean } = built.components.get("")!;
    expect(modulesIn(whole.isolateCode)).toEqual([
      "auth.config",
      "helper",
      "http",
      "lonely",
      "main",
      "schema",
    ]);
    expect(modulesIn(isolateCode)).toEqual(["auth.config", "http", "main", "schema"]);
    expect(isolateCode).not.toContain("nobody imports this");
    expect(whole).toMatchObject(lean);
    expect(built.authProviders).toHaveLength(1);
    expect(lean.httpRoutes).toEqual([["/a", "GET"]]);
  });

  test("[E18.4] a.ts beside a.js: both names are in the message", async () => {
    expect(await refusal({ "a.ts": QUERY, "a.js": QUERY })).toMatch(
      /a\.(js|ts) and a\.(js|ts) are both the module "a"/,
    );
  });

  test("[E18.4] a name that cannot be a module path is refused", async () => {
    expect(await refusal({ "send-mail.ts": QUERY })).toContain('"send-mail" can only contain alphanumeric');
  });

  test("[E18.4] there is no functions folder: one sentence says where it was looked for", async () => {
    await expect(
      buildDeployment({
        functionsDir: path.join(folder, "none"),
        outDir: path.join(folder, "out"),
        env: ENV,
      }),
    ).rejects.toThrow(`There is no functions folder at ${path.join(folder, "none")}.`);
  });
});

describe("the two runtimes", () => {
  test('[E18.2] a Node built-in in Convex\'s runtime: file, import and "use node" are named', async () => {
    const message = await refusal({
      "files.ts": `import { readFileSync } from "node:fs";\n${QUERY}void readFileSync;`,
    });
    expect(message).toContain("convex/files.ts:1:");
    expect(message).toContain('Cannot import "node:fs"');
    expect(message).toContain('"use node"');
  });

  test("[E18.2] a Node built-in behind a helper: the module that is at fault is named too", async () => {
    const message = await refusal({
      "good.ts": QUERY,
      "helper.ts": `import os from "os";\nexport const host = () => os.hostname();`,
      "main.ts": `import { host } from "./helper";\n${QUERY}void host;`,
    });
    expect(message).toContain("helper.ts, main.ts import it");
    expect(message).not.toContain("good.ts");
  });

  test('[E18.3] "use node" with a query: the function is named, and where it belongs', async () => {
    const message = await refusal({ "work.ts": `"use node";\n${QUERY}` });
    expect(message).toContain(
      "`q` defined in `work.js` is a Query function. Only actions can be defined in Node.js.",
    );
  });

  test('[E18.3] "use node" with an HTTP action is refused as well', async () => {
    const message = await refusal({
      "work.ts": `"use node";\nimport { httpActionGeneric } from "convex/server";\nexport const h = httpActionGeneric(async () => new Response(""));`,
    });
    expect(message).toContain("`h` defined in `work.js` is a HttpAction function.");
  });

  test('[E18.3] "use node" is found behind comments and is not found inside of code', async () => {
    const { components } = await build({
      "late.ts": `// A comment.\n/* Another. */\n"use strict";\n"use node";\n${ACTION}`,
      "text.ts": `${ACTION}export const text = '"use node";';`,
    });
    const { functions } = components.get("")!;
    expect(functions.get("late:a")?.runtime).toBe("node");
    expect(functions.get("text:a")?.runtime).toBe("isolate");
  });

  test('[E18.3] "use node" in http, crons or auth.config is refused', async () => {
    expect(await refusal({ "http.ts": `"use node";\nexport default null;` })).toBe(
      '"use node" directive is not allowed for http.ts.',
    );
  });

  test('[E18.3] the folder "actions" needs "use node", as on Convex', async () => {
    expect(await refusal({ "actions/a.ts": ACTION })).toContain(
      'actions/a.ts is in /actions subfolder but has no "use node"',
    );
  });

  test("[E18.6] the Node bundle exports its modules, CommonJS packages work, and stack traces name source files", async () => {
    const { components } = await build({
      "work.ts": `"use node";\nimport legacy from "./legacy.cjs";\n${ACTION}export const kind = legacy.kind;`,
      "legacy.cjs": `"use node";\nconst { sep } = require("node:path");\nmodule.exports = { kind: typeof sep };`,
    });
    const { nodeFile } = components.get("")!;
    const { modules } = (await import(pathToFileURL(nodeFile!).href)) as {
      modules: Record<string, () => Promise<Record<string, unknown>>>;
    };
    expect(await modules["work"]!()).toMatchObject({ kind: "string" });
    expect(JSON.parse(readFileSync(`${nodeFile!}.map`, "utf8"))).toMatchObject({
      sources: expect.arrayContaining(["../convex/work.ts"]) as string[],
    });
  });

  test("[E18.2] AsyncLocalStorage may be imported in Convex's runtime, as there", async () => {
    const { components } = await build({
      "q.ts": `import { AsyncLocalStorage } from "node:async_hooks";\nconst store = new AsyncLocalStorage();\n${QUERY}export const s = store.getStore();`,
    });
    expect(components.get("")!.functions.has("q:q")).toBe(true);
  });
});

describe("broken modules", () => {
  test("[E18.4] a syntax error: file and line", async () => {
    expect(await refusal({ "bad.ts": "export const a = 1;\nexport const = 2;\n" })).toMatch(
      /^convex\/bad\.ts:2:\d+: /,
    );
  });

  test("[E18.4] an import that does not exist: file and line", async () => {
    expect(await refusal({ "bad.ts": `import "./missing";\n${QUERY}` })).toMatch(
      /^convex\/bad\.ts:1:\d+: Could not resolve "\.\/missing"/,
    );
  });

  test("[E18.4] a module that throws while it is loaded: it is named, with the place", async () => {
    const message = await refusal({
      "good.ts": QUERY,
      "bad.ts": `export const a = 1;\nthrow new Error("no");`,
    });
    expect(message).toContain("Failed to analyze bad.js: Uncaught Error: no");
    expect(message).toContain("../convex/bad.ts:2:");
  });

  test("[E18.4] a Node module that throws while it is loaded is named", async () => {
    expect(await refusal({ "bad.ts": `"use node";\nexport const a = 1;\nthrow new Error("no");` })).toContain(
      "Failed to analyze bad.js: Uncaught Error: no",
    );
  });

  test("[E18.4] a module that never ends loading is given up", { timeout: 20_000 }, async () => {
    expect(await refusal({ "bad.ts": `export const a = 1;\nfor (;;);` })).toContain("takes too long");
  });

  test("[E18.4] top-level await is refused in Convex's words", async () => {
    expect(await refusal({ "bad.ts": `export const a = await Promise.resolve(1);` })).toContain(
      "Top-level awaits in source files are unsupported.",
    );
  });

  test.each([
    ["schema.ts", "export const a = 1;", "schema.ts must have a default export of defineSchema()"],
    ["crons.ts", "export const a = 1;", "`convex/crons.js` must have a default export of a Crons object."],
    ["crons.ts", "export default {};", "The default export of `convex/crons.js` is not a Crons object."],
    ["http.ts", "export const a = 1;", "`convex/http.js` must have a default export of a Router."],
    ["convex.config.ts", "export const a = 1;", "must have a default export of defineApp()"],
  ])("[E18.5] %s without what its name promises", async (name, text, message) => {
    expect(await refusal({ "q.ts": QUERY, [name]: text })).toContain(message);
  });

  // `udf_analyze` runs on every module: convex-backend's crates/isolate/src/environment/analyze.rs.
  test("[E18.8] functions exported from crons.ts and http.ts are functions like any other", async () => {
    const { components } = await build({
      "crons.ts": `import { cronJobs, internalMutationGeneric, makeFunctionReference, queryGeneric } from "convex/server";
export const tidy = internalMutationGeneric(async (ctx) => { await ctx.db.insert("runs", {}); });
export const runs = queryGeneric(async (ctx) => (await ctx.db.query("runs").collect()).length);
const crons = cronJobs();
crons.interval("tidy", { hours: 1 }, makeFunctionReference("crons:tidy"));
export default crons;`,
      "http.ts": `import { httpRouter, queryGeneric } from "convex/server";
export const q = queryGeneric(() => 1);
export default httpRouter();`,
    });
    const { crons, functions } = components.get("")!;
    expect(crons.get("tidy")).toMatchObject({ name: "crons:tidy" });
    expect([...functions].map(([name, { kind, visibility }]) => [name, kind, visibility])).toEqual([
      ["crons:runs", "query", "public"],
      ["crons:tidy", "mutation", "internal"],
      ["http:q", "query", "public"],
    ]);
  });

  test("[E18.5] a cron of a function that does not exist is named", async () => {
    const message = await refusal({
      "crons.ts": `import { cronJobs, makeFunctionReference } from "convex/server";
const crons = cronJobs();
crons.interval("tidy", { hours: 1 }, makeFunctionReference("gone:away"));
export default crons;`,
    });
    expect(message).toContain("The cron job 'tidy' schedules 'gone:away', which is no exported function.");
  });

  test("[E11] an auth provider whose variable is not set: the field is named", async () => {
    const message = await refusal(
      {
        "auth.config.ts": `export default { providers: [{ domain: process.env.NOT_SET, applicationID: "x" }] };`,
      },
      {},
    );
    expect(message).toContain("a provider has no `domain`");
  });

  // `deserialize_issuer_url` and `SignatureAlgorithm` in convex-backend's crates/common/src/auth.rs.
  test.each([
    ['{ domain: "sk-secret", applicationID: "x" }', '"sk-secret": Does not look like a URL'],
    ['{ domain: "", applicationID: "x" }', "it is no URL"],
    ['{ domain: "ftp://issuer.example", applicationID: "x" }', "scheme should be http or https"],
    [`{ domain: '"https://a.example"', applicationID: "x" }`, "starts with a double quote"],
    [
      '{ type: "customJwt", issuer: "https://a.example", jwks: "data:,", algorithm: "HS256" }',
      "Invalid signature algorithm (only RS256 and ES256 are supported): HS256",
    ],
  ])("[E11.8] an auth provider that Convex refuses is refused: %s", async (provider, words) => {
    expect(await refusal({ "auth.config.ts": `export default { providers: [${provider}] };` }, {})).toContain(
      words,
    );
  });
});

describe("components", () => {
  test("[E13.1] the tree: packages, folders, names given and taken over, children of children", async () => {
    const { components } = await fixtureDeployment();
    expect([...components.keys()].sort()).toEqual([
      "",
      "greeter",
      "greeter/counter",
      "persistentTextStreaming",
      "politeGreeter",
      "politeGreeter/counter",
    ]);
    expect([...components.get("")!.children.keys()].sort()).toEqual([
      "greeter",
      "persistentTextStreaming",
      "politeGreeter",
    ]);
    expect(components.get("greeter")!.children.get("counter")).toBe("greeter/counter");
    const streaming = components.get("persistentTextStreaming")!;
    expect(streaming.functions.get("lib:addChunk")?.visibility).toBe("public");
    expect(streaming.functions.get("lib:cleanupExpiredStreams")?.visibility).toBe("internal");
    expect([...streaming.crons.keys()]).toEqual(["cleanup expired streams"]);
    expect(streaming.schema?.tables.map(({ tableName }) => tableName).sort()).toEqual(["chunks", "streams"]);
  });

  const COMPONENT = {
    "part/convex.config.ts": `import { defineComponent } from "convex/server";
import { v } from "convex/values";
export default defineComponent("part", { env: { NEEDED: v.string() } });`,
    "part/f.ts": QUERY,
  };
  const app = (use: string, options = "") => ({
    ...COMPONENT,
    "convex.config.ts": `import { defineApp } from "convex/server";
import { v } from "convex/values";
import part from "./part/convex.config";
const app = defineApp(${options});
${use}
export default app;`,
  });

  // Convex has prefixes: `http_prefix` in convex-backend's crates/common/src/bootstrap_model/components/definition.rs.
  test("[E13.1] [E14.2] [E15.1] what is passed to a component and not supported, or missing, is refused by name", async () => {
    expect(await refusal(app("app.use(part);"))).toContain(
      'component "part" needs the environment variable NEEDED',
    );
    expect(await refusal(app(`app.use(part, { env: { NEEDED: "x", OTHER: "y" } });`))).toContain(
      "OTHER, which it does not declare",
    );
    expect(await refusal(app(`app.use(part, { env: { NEEDED: "x" }, httpPrefix: "/part" });`))).toContain(
      'httpPrefix: "/part/" }) is not supported by the embedded backend',
    );
    expect(
      await refusal(
        app(`app.use(part, { env: { NEEDED: "x" } });\napp.use(part, { env: { NEEDED: "x" } });`),
      ),
    ).toContain('two components are named "part"');
  });

  test('[E13.4] "use node" inside a component is refused', async () => {
    expect(
      await refusal({
        ...app(`app.use(part, { env: { NEEDED: "x" } });`),
        "part/n.ts": `"use node";\n${ACTION}`,
      }),
    ).toContain('"use node" directive is not supported in components');
  });

  test("[E14.2] a variable that the app declares and that is not set is refused at start, not at build", async () => {
    const files = app(`app.use(part, { env: { NEEDED: app.env.KEY } });`, "{ env: { KEY: v.string() } }");
    expect(await refusal(files, {})).toContain("declares environment variables that are not set: KEY");
    const options = { functionsDir: path.join(folder, "convex"), outDir: path.join(folder, "out"), env: {} };
    await compileDeployment(options);
    expect(loadDeployment(options.outDir, { KEY: "k" }).components.has("part")).toBe(true);
  });
});

describe("saved deployments", () => {
  test("[E18.7] a saved deployment loads without building, and is the same", async () => {
    const outDir = path.join(folder, "out");
    const built = await buildDeployment({ functionsDir: APP, outDir, env: ENV });
    const loaded = loadDeployment(outDir, ENV);
    expect(loaded).toEqual(built);
    expect(loaded.hash).toBe((await fixtureDeployment()).hash);
  });

  test("[E14.3] auth.config is evaluated anew with the environment of the load", async () => {
    const outDir = path.join(folder, "out");
    await buildDeployment({ functionsDir: APP, outDir, env: ENV });
    const { authProviders } = loadDeployment(outDir, { ...ENV, CONVEX_SITE_URL: "https://elsewhere" });
    expect(authProviders[0]).toMatchObject({ domain: "https://elsewhere" });
  });

  test("[E18.7] the hash changes with the code and with nothing else; code of two builds ago is removed", async () => {
    const first = await build({ "q.ts": QUERY });
    const again = await build({ "q.ts": QUERY });
    expect(again.hash).toBe(first.hash);
    const second = await build({ "q.ts": `${QUERY}export const more = 1;` });
    expect(second.hash).not.toBe(first.hash);
    expect(existsSync(first.components.get("")!.isolateFile)).toBe(true);
    await build({ "q.ts": `${QUERY}export const evenMore = 2;` });
    expect(existsSync(first.components.get("")!.isolateFile)).toBe(false);
    expect(readdirSync(path.join(folder, "out")).filter((name) => name.startsWith("isolate-")).length).toBe(
      4,
    );
  });

  test("nothing was built: one sentence says so", () => {
    expect(() => loadDeployment(folder, ENV)).toThrow("There are no built functions in");
  });
});
