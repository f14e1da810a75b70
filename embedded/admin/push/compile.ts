/**
 * From what the CLI has bundled to a `Deployment`: the modules are written down as a functions folder, which is compiled like
 * any other. So what the CLI bundles is what runs, and a push is checked by the same code as a folder.
 */
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { BuildError } from "../../bundler/buildError.ts";
import type { ComponentTree } from "../../bundler/componentTree.ts";
import type { EntryPoint } from "../../bundler/entryPoints.ts";
import type { Environment } from "../../functions/environment.ts";
import type { Runtime } from "../../functions/types.ts";
import type { BundleCache, BundleSource } from "./bundleCache.ts";
import type { PushedComponent, PushedModule, PushRequest } from "./request.ts";

/** Code that several modules share; not modules of the app themselves. */
const CHUNK = /^_deps\//;
/** How the CLI's bundler names the definition of a component that another one uses. */
const DEFINITION_IMPORT = /(["'])\.\/_componentDeps\/([A-Za-z0-9_-]+)\1/g;
const SOURCE_MAP_COMMENT = /\n\/\/# sourceMappingURL=[^\n]*\s*$/;
/** These are read by the compiler itself. */
const CONFIGURATION = ["auth.config.js", "convex.config.js", "schema.js"];

/** `folderOf` maps the path of each definition to the folder that it was compiled from. */
export type CompiledPush = { tree: ComponentTree; folderOf: ReadonlyMap<string, string> };

/** Compiles into `outDir`, for `loadDeployment`; what `bundles` holds of the same modules is not bundled again. Throws a `BuildError` that says what is wrong with the functions. */
export async function compilePush(
  { app, components, externalPackages }: PushRequest,
  outDir: string,
  env: Environment,
  bundles: Pick<BundleCache, "begin">,
): Promise<CompiledPush> {
  const externalNames = externalPackages.map(({ name }) => name);
  checkExternalPackages(externalNames, outDir);
  const source = path.join(outDir, "source");
  const all = [app, ...components];
  const folderOf = new Map(
    all.map(({ definitionPath }, place) => {
      const folder = place === 0 ? "convex" : path.join("components", String(place));
      return [definitionPath, path.join(source, folder)] as const;
    }),
  );
  const entryPoints = new Map<string, EntryPoint[]>();
  const componentIn = new Map(all.map((component) => [folderOf.get(component.definitionPath), component]));
  const sourceOf = (directory: string, runtime: Runtime): BundleSource => {
    const { functions, schema } = componentIn.get(directory) as PushedComponent;
    const modules = functions.filter(({ environment }) => environment === runtime);
    if (runtime === "isolate" && schema !== null) modules.push(schemaModule(schema));
    return { folder: path.relative(source, directory), runtime, modules, externalPackages };
  };
  const { bundleOf, foundIn, keep } = bundles.begin(sourceOf);
  try {
    for (const component of all) {
      const folder = folderOf.get(component.definitionPath) as string;
      await writeComponent(folder, component, folderOf);
      entryPoints.set(
        folder,
        component.functions.flatMap((module) => entryPointsOf(folder, module)),
      );
    }
    await writeFile(
      path.join(source, "convex.json"),
      JSON.stringify({ node: { externalPackages: externalNames } }),
    );
    // Loaded by need only: a server whose functions were built before has no use for a bundler.
    const { compileDeployment } = await import("../../bundler/buildDeployment.ts");
    const tree = await compileDeployment({
      functionsDir: folderOf.get("") as string,
      outDir,
      env,
      entryPointsOf: (folder) => entryPoints.get(folder) ?? [],
      bundleOf: (directory, runtime, make) =>
        bundleOf(directory, runtime, async () => {
          await writeModules(directory, sourceOf(directory, runtime).modules);
          return make();
        }),
      foundIn,
      importedIn: (folder) => importedBy((componentIn.get(folder) as PushedComponent).functions),
    });
    keep();
    return { tree, folderOf };
  } finally {
    await rm(source, { recursive: true, force: true });
  }
}

async function writeComponent(
  folder: string,
  { definition, schema, functions }: PushedComponent,
  folderOf: ReadonlyMap<string, string>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (definition !== null) {
    const linked = definition.source.replace(DEFINITION_IMPORT, (_all, _quote, encoded: string) => {
      const imported = folderOf.get(Buffer.from(encoded, "base64url").toString("utf8"));
      if (imported === undefined)
        throw new BuildError(`${definition.path} uses a component that was not pushed.`);
      return JSON.stringify(path.join(imported, "convex.config.js"));
    });
    await writeModule(folder, {
      ...definition,
      path: "convex.config.js",
      source: linked,
      sourceMap: undefined,
    });
  }
  // These are looked for. What else there is to bundle is written when it is bundled.
  if (schema !== null) await writeModule(folder, schemaModule(schema));
  const auth = functions.find(({ path: name }) => name === "auth.config.js");
  if (auth !== undefined) await writeModule(folder, auth);
}

/** By the name under which the compiler looks for it. */
const schemaModule = (schema: PushedModule): PushedModule => ({ ...schema, path: "schema.js" });

async function writeModules(folder: string, modules: readonly PushedModule[]): Promise<void> {
  const folders = new Set(modules.map(({ path: name }) => path.dirname(path.join(folder, name))));
  await Promise.all([...folders].map((directory) => mkdir(directory, { recursive: true })));
  await Promise.all(modules.map((module) => writeModule(folder, module)));
}

async function writeModule(folder: string, { path: name, source, sourceMap }: PushedModule): Promise<void> {
  const file = path.join(folder, name);
  const code = source.replace(SOURCE_MAP_COMMENT, "");
  if (sourceMap === undefined) await writeFile(file, code);
  else {
    await writeFile(file, `${code}\n//# sourceMappingURL=${path.basename(file)}.map\n`);
    await writeFile(`${file}.map`, sourceMap);
  }
}

/** `import()` as esbuild writes it, which keeps comments for other bundlers in it. */
const IMPORT_CALL = /\bimport\s*\((?:\s|\/\*[^]*?\*\/|\/\/[^\n]*\n)*(["'`])([^"'`\n]+)\1/g;

/** Matches what the modules import by `import()`. They are esbuild's own output, with thousands of other imports. */
function importedBy(modules: readonly PushedModule[]): RegExp {
  const names = new Set(
    modules.flatMap(({ source }) => [...source.matchAll(IMPORT_CALL)].map(([, , name]) => name)),
  );
  const escaped = [...names].map((name = "") => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return names.size === 0 ? /$^/ : new RegExp(`^(?:${escaped.join("|")})$`);
}

function entryPointsOf(folder: string, { path: name, environment }: PushedModule): EntryPoint[] {
  if (CHUNK.test(name) || CONFIGURATION.includes(name)) return [];
  return [{ name: name.replace(/\.js$/, ""), file: path.join(folder, name), runtime: environment }];
}

/** Convex installs these packages itself. Here Node.js finds them in a `node_modules` above the data folder, or nowhere. */
function checkExternalPackages(names: readonly string[], outDir: string): void {
  const missing = names.filter((name) => !isInstalled(name, path.resolve(outDir)));
  if (missing.length === 0) return;
  throw new BuildError(
    `convex.json leaves ${missing.join(", ")} out of the bundle (node.externalPackages). The embedded backend installs no ` +
      `packages: it finds them only in a node_modules folder above its data folder, ${path.resolve(outDir)}.`,
  );
}

function isInstalled(name: string, folder: string): boolean {
  if (existsSync(path.join(folder, "node_modules", name))) return true;
  const parent = path.dirname(folder);
  return parent !== folder && isInstalled(name, parent);
}
