/**
 * Writes `convex/_generated` as `convex codegen` writes it, without needing a deployment: the official command asks one
 * to analyse the functions, although these files follow from the file names, the components and the platform's variables.
 * It uses the official templates. `--check` writes nothing and fails when a file differs.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { format } from "prettier";

const root = fileURLToPath(new URL("..", import.meta.url));
const functionsDir = join(root, "convex");
const outDir = join(functionsDir, "_generated");

/** As `app.use` in `convex.config.ts` names them: name → package. */
const COMPONENTS = {
  persistentTextStreaming: "@convex-dev/persistent-text-streaming",
  rateLimiter: "@convex-dev/rate-limiter",
};

/**
 * Functions of one of the official command's template modules. They are in the package but not among its exports, and
 * their module graph needs packages that are bundled into the command; so only what the functions use is taken.
 */
async function template<T>(module: string, names: readonly (keyof T & string)[]): Promise<T> {
  const path = join(root, "node_modules/convex/dist/esm/cli/codegen_templates", `${module}.js`);
  const { outputFiles } = await build({
    stdin: { contents: `export { ${names.join(", ")} } from ${JSON.stringify(path)};`, resolveDir: root },
    bundle: true,
    write: false,
    format: "esm",
    packages: "external",
    logLevel: "error",
    plugins: [
      {
        name: "without-side-effects",
        setup(plugin) {
          plugin.onResolve({ filter: /^\./ }, ({ path, resolveDir }) => ({
            path: join(resolveDir, path),
            sideEffects: false,
          }));
          plugin.onResolve({ filter: /^[^./]/ }, ({ path }) => ({
            path,
            external: true,
            sideEffects: false,
          }));
        },
      },
    ],
  });
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  return (await import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`)) as T;
}

type Api = { importPath: (path: string) => string; moduleIdentifier: (path: string) => string };
type Common = {
  header: (line: string) => string;
  apiComment: (name: string, type: "public" | "internal" | undefined) => string;
  compareModulePaths: (a: string, b: string) => number;
};
type ComponentApi = { componentApiJs(): string };
type DataModel = { dynamicDataModelDTS(): string };
type Server = { serverCodegen(options: { useTypeScript: false; envVars: [] }): { DTS: string; JS: string } };

/** The modules that Convex takes for entry points: see `entryPoints` in the official bundler. */
function modulePaths(): string[] {
  return readdirSync(functionsDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(functionsDir, join(entry.parentPath, entry.name)))
    .filter((path) => /^[^.]*\.tsx?$/.test(path) && !path.startsWith("_generated") && path !== "schema.ts");
}

async function apiDTS(): Promise<string> {
  const { importPath, moduleIdentifier } = await template<Api>("api", ["importPath", "moduleIdentifier"]);
  const { header, apiComment, compareModulePaths } = await template<Common>("common", [
    "header",
    "apiComment",
    "compareModulePaths",
  ]);
  const paths = modulePaths().sort(compareModulePaths);
  return [
    header("Generated `api` utility."),
    ...paths.map((path) => `import type * as ${moduleIdentifier(path)} from "../${importPath(path)}.js";`),
    `
    import type {
      ApiFromModules,
      FilterApi,
      FunctionReference,
    } from "convex/server";

    declare const fullApi: ApiFromModules<{
  `,
    ...paths.map((path) => `  "${importPath(path)}": typeof ${moduleIdentifier(path)},`),
    `}>;`,
    `
    ${apiComment("api", "public")}
    export declare const api: FilterApi<typeof fullApi, FunctionReference<any, "public">>;
    ${apiComment("internal", "internal")}
    export declare const internal: FilterApi<typeof fullApi, FunctionReference<any, "internal">>;
  `,
    `
  export declare const components: {`,
    ...Object.entries(COMPONENTS).map(
      ([name, specifier]) =>
        `  "${name}": import("${specifier}/_generated/component.js").ComponentApi<"${name}">,`,
    ),
    "};",
  ].join("\n");
}

async function generatedFiles(): Promise<Record<string, string>> {
  const server = (await template<Server>("server", ["serverCodegen"])).serverCodegen({
    useTypeScript: false,
    envVars: [],
  });
  const contents = {
    "api.d.ts": await apiDTS(),
    "api.js": (await template<ComponentApi>("component_api", ["componentApiJs"])).componentApiJs(),
    "dataModel.d.ts": (await template<DataModel>("dataModel", ["dynamicDataModelDTS"])).dynamicDataModelDTS(),
    "server.d.ts": server.DTS,
    "server.js": server.JS,
  };
  const formatted: Record<string, string> = {};
  for (const [name, text] of Object.entries(contents)) {
    // The official command formats with Prettier's defaults, whatever the project's own settings are.
    formatted[name] = await format(text, { parser: name.endsWith(".js") ? "babel" : "typescript" });
  }
  return formatted;
}

const check = process.argv.includes("--check");
for (const [name, text] of Object.entries(await generatedFiles())) {
  const path = join(outDir, name);
  if (!check) {
    writeFileSync(path, text);
  } else if (readFileSync(path, "utf8") !== text) {
    console.error(`convex/_generated/${name} is out of date. Run: npx tsx scripts/codegen.ts`);
    process.exitCode = 1;
  }
}
