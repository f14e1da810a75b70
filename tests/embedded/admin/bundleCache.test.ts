/** A push bundles only what has changed since the one before, and comes to the same as if it had bundled everything. */
import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { BundleCache, type BundleSource } from "../../../embedded/admin/push/bundleCache.ts";
import { compilePush } from "../../../embedded/admin/push/compile.ts";
import type { PushedModule, PushRequest } from "../../../embedded/admin/push/request.ts";
import { temporaryFolder } from "../storage/temporaryFolder.ts";

const ROOT = path.resolve(import.meta.dirname, "../../..");

const module = (name: string, source: string, environment: "isolate" | "node" = "isolate"): PushedModule => ({
  path: name,
  source,
  environment,
});
const query = (value: number): string =>
  `import { queryGeneric } from "convex/server";\nexport const q = queryGeneric(() => ${value});\n`;
const ACTION =
  `"use node";\nimport { actionGeneric } from "convex/server";\nimport { value } from "./_deps/node/CHUNK.js";\n` +
  `export const a = actionGeneric(() => value);\n`;

/** An app with a query, an action of Node.js that imports a chunk, and a component. */
function push(values: { query?: number; chunk?: number; component?: number }): PushRequest {
  const counter = Buffer.from("counter").toString("base64url");
  const definition =
    `import { defineApp } from "convex/server";\nimport counter from "./_componentDeps/${counter}";\n` +
    `const app = defineApp();\napp.use(counter);\nexport default app;\n`;
  return {
    ...{ dryRun: false, unchanged: [], externalPackages: [] },
    app: {
      definitionPath: "",
      definition: module("convex.config.js", definition),
      schema: null,
      functions: [
        module("q.js", query(values.query ?? 0)),
        module("n.js", ACTION, "node"),
        module("_deps/node/CHUNK.js", `export const value = ${values.chunk ?? 0};\n`, "node"),
      ],
    },
    components: [
      {
        definitionPath: "counter",
        definition: module(
          "convex.config.js",
          `import { defineComponent } from "convex/server";\nexport default defineComponent("counter");\n`,
        ),
        schema: null,
        functions: [module("q.js", query(values.component ?? 0))],
      },
    ],
  };
}

/** What was bundled and evaluated anew, and the files of which the deployment consists. */
async function compiled(
  request: PushRequest,
  cache: BundleCache,
  env: Readonly<Record<string, string>> = {},
): Promise<{ made: string[]; evaluated: number; files: { hash: string; names: string[]; isolate: string } }> {
  const folder = temporaryFolder();
  symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
  const outDir = path.join(folder, "out");
  const made: string[] = [];
  let evaluated = 0;
  await compilePush(request, outDir, env, {
    begin: (sourceOf) => {
      const { bundleOf, foundIn, keep } = cache.begin(sourceOf);
      return {
        keep,
        foundIn: (bundle, variables, evaluate) =>
          foundIn(bundle, variables, () => {
            evaluated += 1;
            return evaluate();
          }),
        bundleOf: (directory, runtime, make) =>
          bundleOf(directory, runtime, () => {
            made.push(`${path.basename(directory)} ${runtime}`);
            return make();
          }),
      };
    },
  });
  // Files are named by what they hold.
  const names = readdirSync(outDir).filter((name) => name !== "node_modules");
  const hash = (JSON.parse(readFileSync(path.join(outDir, "deployment.json"), "utf8")) as { hash: string })
    .hash;
  const code = names.filter((name) => /^isolate-.*\.js$/.test(name));
  const isolate = code.map((name) => readFileSync(path.join(outDir, name), "utf8")).join("\n");
  return { made: made.sort(), evaluated, files: { hash, names, isolate } };
}

test("[E19.7] a push evaluates the modules of those bundles alone that it has made, or of all when variables have changed", async () => {
  const cache = new BundleCache();
  const evaluatedBy = async (values: Parameters<typeof push>[0], env = {}): Promise<number> =>
    (await compiled(push(values), cache, env)).evaluated;
  expect(await evaluatedBy({})).toBe(3);
  expect(await evaluatedBy({})).toBe(0);
  expect(await evaluatedBy({ query: 1 })).toBe(1);
  expect(await evaluatedBy({ query: 1, chunk: 1 })).toBe(1);
  expect(await evaluatedBy({ query: 1, chunk: 1 }, { NAME: "1" })).toBe(2);
  // Components have no variables of the app.
  expect(await evaluatedBy({ query: 1, chunk: 1, component: 1 }, { NAME: "1" })).toBe(1);
});

test("[E19.7] a push bundles what has changed, by runtime and component, and comes to the same as a first one", async () => {
  const cache = new BundleCache();
  expect((await compiled(push({}), cache)).made).toEqual(["1 isolate", "convex isolate", "convex node"]);
  const values = { query: 1 };
  const second = await compiled(push(values), cache);
  expect(second.made).toEqual(["convex isolate"]);
  Object.assign(values, { chunk: 1, component: 1 });
  const request = push(values);
  // Modules that have changed are sent first.
  request.app.functions.reverse();
  const third = await compiled(request, cache);
  expect(third.made).toEqual(["1 isolate", "convex node"]);
  expect(third.files).toEqual((await compiled(push(values), new BundleCache())).files);
});

test.each([
  ['import("./_deps/CHUNK.js")', true],
  ["import(/* webpackIgnore: true */ `./_deps/CHUNK.js`)", true],
  ["0", false],
])("[E8.16] [E19.7] what a pushed query imports by %s asks first: %s", async (imports, asks) => {
  const query = `import { queryGeneric } from "convex/server";\nexport const q = queryGeneric(() => ${imports});\n`;
  const chunk = module("_deps/CHUNK.js", "export const value = 1;\n");
  const app = {
    definitionPath: "",
    definition: null,
    schema: null,
    functions: [module("q.js", query), chunk],
  };
  const request = { dryRun: false, unchanged: [], externalPackages: [], app, components: [] };
  const { files } = await compiled(request, new BundleCache());
  expect(files.isolate.includes("convexRefuseImport")).toBe(asks);
});

test("[E19.7] bundles are known by all that they are made of, and forgotten once a push that compiled did not use them", async () => {
  const cache = new BundleCache();
  const sources: BundleSource[] = [
    { folder: "convex", runtime: "node", modules: [module("n.js", "1", "node")], externalPackages: [] },
  ];
  const [source] = sources as [BundleSource];
  const [made] = source.modules as [PushedModule];
  sources.push(
    { ...source, folder: "components/1" },
    { ...source, runtime: "isolate" },
    { ...source, externalPackages: [{ name: "left-out", version: "1.0.0" }] },
    { ...source, externalPackages: [{ name: "left-out", version: "1.0.1" }] },
    { ...source, modules: [{ ...made, path: "m.js" }] },
    { ...source, modules: [{ ...made, source: "2" }] },
    { ...source, modules: [{ ...made, sourceMap: "{}" }] },
    { ...source, modules: [{ ...made, source: "1{}" }] },
    { ...source, modules: [made, module("o.js", "1", "node")] },
  );
  /** How many bundles a push of these has to make. */
  const bundled = async (pushed: readonly BundleSource[], compiles = true): Promise<number> => {
    let count = 0;
    const { bundleOf, keep } = cache.begin((place) => pushed[Number(place)] as BundleSource);
    for (const [place, { runtime }] of pushed.entries()) {
      await bundleOf(String(place), runtime, () => {
        count += 1;
        return Promise.resolve({ code: "", map: "" });
      });
    }
    if (compiles) keep();
    return count;
  };
  expect(await bundled(sources)).toBe(sources.length);
  const turned = sources.map((one) => ({ ...one, modules: [...one.modules].reverse() }));
  expect(await bundled(turned)).toBe(0);
  expect(await bundled([source], false)).toBe(0);
  expect(await bundled(sources)).toBe(0);
  for (const one of sources) {
    await bundled([one]);
    expect(await bundled(sources, false)).toBe(sources.length - 1);
  }
});
