/** From a functions folder to a `Deployment`: bundled, analysed and written to disk. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { ComponentPath } from "../database/types.ts";
import type { Environment } from "../functions/environment.ts";
import { environmentOf } from "../functions/environment.ts";
import type { AnalyzedModule } from "../functions/isolate/analyze.ts";
import type { ComponentBundle, Deployment, Runtime } from "../functions/types.ts";
import { analyzeComponent, type Analysis, type ModulesOf } from "./analyzeDeployment.ts";
import { BuildError } from "./buildError.ts";
import { bundleIsolate, bundleNode, type Bundle } from "./bundleModules.ts";
import { readComponentTree, type ComponentNode, type ComponentTree } from "./componentTree.ts";
import { linkPackages } from "./externalPackages.ts";
import { findEntryPoints, findModuleFile, type EntryPoint } from "./entryPoints.ts";
import { writeOutsideSources } from "./outsideSources.ts";
import { bundleRuntime } from "./runtimeScript.ts";
import { loadDeployment, writeManifest } from "./savedDeployment.ts";

export type BuildOptions = {
  /** The folder with the app's functions, `convex/` in most projects. */
  functionsDir: string;
  /** Where the code goes. The same folder can be read by `loadDeployment` later. */
  outDir: string;
  /** The deployment's environment variables. Modules see them while they are loaded. */
  env: Environment;
  /** Which files of a component's folder are modules; by default, those that the official CLI takes. */
  entryPointsOf?: (directory: string) => EntryPoint[];
  /** Makes the bundle of a folder's modules for one runtime, or gives one that was made of the same before. */
  bundleOf?: BundleOf;
  /** Gives what was found in a bundle with these variables before, or evaluates its modules. */
  foundIn?: FoundIn;
  /** Matches at least all that the modules of a folder import by `import()`; by default, everything. */
  importedIn?: (directory: string) => RegExp | undefined;
  /**
   * For what is built once and runs for long: bundles Convex's own runtime a second time, without the modules in which nothing was found that is
   * called. Each context then begins in a third of the time and takes less memory: a module that is called by no name needs no namespace.
   */
  leaveOutHelpers?: boolean;
};

export type BundleOf = (directory: string, runtime: Runtime, make: () => Promise<Bundle>) => Promise<Bundle>;

export type FoundIn = (
  bundle: Bundle,
  env: Environment,
  evaluate: () => Promise<AnalyzedModule[]>,
) => Promise<AnalyzedModule[]>;

type Built = { isolate: Bundle; node: Bundle | null };

/** Hexadecimal digits of a hash that tell files apart. */
const HASH_LENGTH = 16;

/** Compiles a functions folder and loads the result. Throws a `BuildError` that says where and what to do. */
export async function buildDeployment(options: BuildOptions): Promise<Deployment> {
  await compileDeployment(options);
  return loadDeployment(options.outDir, options.env);
}

/**
 * Bundles and analyses all components and writes them to `outDir`, for `loadDeployment`. Variables that are only
 * needed to run, such as those of `auth.config`, need not be set. Returns the components that it found. Throws a `BuildError` that says where and what to do.
 */
export async function compileDeployment({
  functionsDir,
  outDir,
  env,
  entryPointsOf = findEntryPoints,
  bundleOf = (_directory, _runtime, make) => make(),
  foundIn = (_bundle, _env, evaluate) => evaluate(),
  importedIn = () => undefined,
  leaveOutHelpers = false,
}: BuildOptions): Promise<ComponentTree> {
  const directory = path.resolve(functionsDir);
  if (!existsSync(directory)) throw new BuildError(`There is no functions folder at ${directory}.`);
  mkdirSync(outDir, { recursive: true });

  const [runtimeCode, tree] = await Promise.all([bundleRuntime(), readComponentTree(directory)]);
  const built = new Map<string, Built>();
  const files = new Map<string, Pick<ComponentBundle, "isolateCode" | "isolateFile" | "nodeFile">>();
  const folders = new Map(tree.nodes.map((node) => [node.directory, node]));
  const bundled = await allOf([...folders.values()], (node) =>
    bundleComponent(node, entryPointsOf(node.directory), bundleOf, () => importedIn(node.directory)),
  );
  for (const [place, folder] of [...folders.keys()].entries()) {
    const bundles = bundled[place] as Built;
    if (bundles.node !== null) linkPackages(folder, outDir);
    built.set(folder, bundles);
    files.set(folder, writeBundles(outDir, bundles));
  }

  const components = new Map<ComponentPath, ComponentBundle>();
  for (const { path: componentPath, children, env: bindings, directory: source } of tree.nodes) {
    const code = files.get(source) as Pick<ComponentBundle, "isolateCode" | "isolateFile" | "nodeFile">;
    components.set(componentPath, {
      path: componentPath,
      children,
      env: bindings,
      ...code,
      ...NOT_ANALYZED,
    });
  }
  const unhashed = { hash: "", components, runtimeCode, authProviders: [] };
  for (const { path: componentPath, directory: source } of tree.nodes) {
    const component = components.get(componentPath) as ComponentBundle;
    const bundles = built.get(source) as Built;
    const visible = environmentOf(unhashed, componentPath, env);
    const modulesOf: ModulesOf = (runtime, seen, evaluate) =>
      foundIn(bundles[runtime] as Bundle, seen, evaluate);
    components.set(componentPath, {
      ...component,
      ...(await analyzeComponent(runtimeCode, component, visible, modulesOf)),
    });
  }
  if (leaveOutHelpers) {
    const app = components.get("") as ComponentBundle;
    const called = entryPointsOf(directory).filter(({ name }) => holdsFunctions(app, name));
    const isolate = await bundleIsolate(
      directory,
      isolateEntryPoints(directory, called, true),
      importedIn(directory),
    );
    const bundles = { node: null, ...built.get(directory), isolate };
    built.set(directory, bundles);
    components.set("", { ...app, ...writeBundles(outDir, bundles) });
  }
  writeOutsideSources(
    outDir,
    directory,
    [...built].map(([folder, { isolate, node }]) => ({
      directory: folder,
      bundles: node === null ? [isolate] : [isolate, node],
    })),
  );
  const hash = hashOf(runtimeCode, tree.nodes, built);
  writeManifest(outDir, { ...unhashed, hash }, tree.requiredEnv);
  return tree;
}

const NOT_ANALYZED: Analysis = { schema: null, functions: new Map(), crons: new Map(), httpRoutes: [] };

async function bundleComponent(
  { path: componentPath, directory }: ComponentNode,
  entryPoints: readonly EntryPoint[],
  bundleOf: BundleOf,
  imported: () => RegExp | undefined,
): Promise<Built> {
  const isApp = componentPath === "";
  const isolate = isolateEntryPoints(directory, entryPoints, isApp);
  const node = entryPoints.filter(({ runtime }) => runtime === "node");
  if (!isApp && node[0] !== undefined) {
    throw new BuildError(
      `"use node" directive is not supported in components. Remove it from ${node[0].file}.`,
    );
  }
  const [isolateBundle, nodeBundle] = await allOf(["isolate", "node"] as const, async (runtime) => {
    if (runtime === "isolate")
      return bundleOf(directory, runtime, () => bundleIsolate(directory, isolate, imported()));
    return node.length === 0 ? null : bundleOf(directory, runtime, () => bundleNode(directory, node));
  });
  return { isolate: isolateBundle as Bundle, node: nodeBundle as Bundle | null };
}

/** Modules of Convex's own runtime: those among `entryPoints`, and what is read but holds no functions. */
function isolateEntryPoints(
  directory: string,
  entryPoints: readonly EntryPoint[],
  isApp: boolean,
): EntryPoint[] {
  const declared = (isApp ? ["schema", "auth.config"] : ["schema"]).flatMap((name): EntryPoint[] => {
    const file = findModuleFile(directory, name);
    return file === null ? [] : [{ name, file, runtime: "isolate" }];
  });
  return [...entryPoints.filter(({ runtime }) => runtime === "isolate"), ...declared];
}

function holdsFunctions({ functions }: ComponentBundle, module: string): boolean {
  return module === "http" || [...functions.keys()].some((path) => path.startsWith(`${module}:`));
}

/** At the same time. Of several failures the first in the order of `items` is thrown, once all have ended. */
async function allOf<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const outcomes = await Promise.allSettled(items.map(work));
  return outcomes.map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
}

/** Named by what they hold, so that files of an older version stay what they were while it still runs. */
function writeBundles(
  outDir: string,
  { isolate, node }: Built,
): Pick<ComponentBundle, "isolateCode" | "isolateFile" | "nodeFile"> {
  const write = (name: string, extension: string, { code, map }: Bundle): string => {
    const file = path.resolve(outDir, `${name}-${shortHash(code)}${extension}`);
    writeFileSync(file, `${code}//# sourceMappingURL=${path.basename(file)}.map\n`);
    writeFileSync(`${file}.map`, map);
    return file;
  };
  return {
    isolateCode: isolate.code,
    isolateFile: write("isolate", ".js", isolate),
    nodeFile: node === null ? null : write("node", ".mjs", node),
  };
}

function hashOf(
  runtimeCode: string,
  nodes: readonly ComponentNode[],
  built: ReadonlyMap<string, Built>,
): string {
  const hash = createHash("sha256").update(runtimeCode);
  for (const { path: componentPath, directory, env } of nodes) {
    const { isolate, node } = built.get(directory) as Built;
    for (const part of [componentPath, JSON.stringify([...(env ?? [])]), isolate.code, node?.code ?? ""]) {
      hash.update(`${part.length}:${part}`);
    }
  }
  return hash.digest("hex");
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, HASH_LENGTH);
}
