/** What the CLI is told of the code that it has pushed: it writes `_generated` from it. */
import type { JSONValue } from "convex/values";
import type { ComponentTree, DefinitionJson } from "../../bundler/componentTree.ts";
import type { ComponentPath } from "../../database/types.ts";
import { splitPath } from "../../functions/references.ts";
import type { ComponentBundle, Deployment } from "../../functions/types.ts";
import { API_VERSION } from "../../http/instance.ts";
import { UDF_TYPES } from "../functionSpec.ts";
import type { CompiledPush } from "./compile.ts";
import type { PushRequest } from "./request.ts";

type Json = Record<string, JSONValue>;

/** `evaluatedComponentDefinition` of each definition, by its path. */
export function analysisOf(
  request: PushRequest,
  { tree, folderOf }: CompiledPush,
  deployment: Deployment,
): Json {
  const pathOf = new Map([...folderOf].map(([definitionPath, folder]) => [folder, definitionPath]));
  const analysis: Json = {};
  for (const { definitionPath, functions } of [request.app, ...request.components]) {
    const folder = folderOf.get(definitionPath) as string;
    const node = tree.nodes.find(({ directory }) => directory === folder);
    const bundle = node && deployment.components.get(node.path);
    // A definition that is imported but mounted nowhere has no component to be known by.
    if (bundle === undefined) continue;
    const modules = functions.map(({ path }) => path).filter((path) => !path.startsWith("_deps/"));
    analysis[definitionPath] = {
      definition: definitionOf(definitionPath, tree.definitions.get(folder), bundle, pathOf),
      schema: bundle.schema ?? null,
      functions: modulesOf(bundle, modules),
      udfConfig: {
        serverVersion: API_VERSION,
        importPhaseRngSeed: { $bytes: Buffer.alloc(32).toString("base64") },
        importPhaseUnixTimestamp: { $integer: Buffer.alloc(8).toString("base64") },
      },
    };
  }
  return analysis;
}

/** Of which definition the component that is mounted at `at` is one. */
export function definitionPathOf(
  tree: ComponentTree,
  folderOf: CompiledPush["folderOf"],
  at: ComponentPath,
): string {
  const node = tree.nodes.find(({ path }) => path === at);
  return [...folderOf].find(([, folder]) => folder === node?.directory)?.[0] ?? "";
}

/** The tree of mounted components: a `checkedComponent`. */
export function checkedTree(
  tree: ComponentTree,
  folderOf: CompiledPush["folderOf"],
  { components }: Deployment,
  at = "",
): Json {
  const node = tree.nodes.find(({ path }) => path === at);
  const definitionPath = definitionPathOf(tree, folderOf, at);
  const children = Object.fromEntries(
    [...(node?.children ?? [])].map(([name, child]) => [
      name,
      checkedTree(tree, folderOf, { components } as Deployment, child),
    ]),
  );
  const routes = components.get(at)?.httpRoutes ?? [];
  return {
    definitionPath,
    componentPath: at,
    args: {},
    childComponents: children,
    httpRoutes: {
      httpModuleRoutes: routes.length === 0 ? null : routes.map(([path, method]) => ({ path, method })),
      mounts: [],
    },
    exports: {},
  };
}

function definitionOf(
  definitionPath: string,
  json: DefinitionJson | undefined,
  bundle: ComponentBundle,
  pathOf: ReadonlyMap<string, string>,
): Json {
  const isApp = definitionPath === "";
  const folderOfFile = (file: string): string => file.replace(/[/\\]convex\.config\.js$/, "");
  return {
    path: definitionPath,
    definitionType: isApp ? { type: "app" } : { type: "childComponent", name: json?.name ?? "" },
    childComponents: (json?.childComponents ?? []).map(({ name, path, env }) => ({
      name,
      path: pathOf.get(folderOfFile(path)) ?? "",
      env: (env as JSONValue) ?? null,
    })),
    httpMounts: {},
    exports: { type: "branch", branch: isApp ? [] : exportsOf(bundle) },
    envVars: (json?.envVars as JSONValue | undefined) ?? null,
  };
}

type Branch = Map<string, Branch | string>;

/** A component's public functions, by module: what its parent may call. */
function exportsOf({ functions }: ComponentBundle): JSONValue[] {
  const root: Branch = new Map();
  for (const [path, { visibility }] of functions) {
    if (visibility !== "public") continue;
    const [module, exportName] = splitPath(path);
    let branch = root;
    for (const name of module.split("/")) {
      const next = branch.get(name);
      if (next instanceof Map) branch = next;
      else branch.set(name, (branch = new Map()));
    }
    branch.set(exportName, `_reference/function/${module}:${exportName}`);
  }
  const toJson = (branch: Branch): JSONValue[] =>
    [...branch].map(([name, child]) => [
      name,
      typeof child === "string" ? { type: "leaf", leaf: child } : { type: "branch", branch: toJson(child) },
    ]);
  return toJson(root);
}

function modulesOf({ functions, httpRoutes, crons }: ComponentBundle, modules: readonly string[]): Json {
  const analyzed: Json = {};
  for (const path of modules) {
    const name = path.replace(/\.js$/, "");
    const own = [...functions].filter(([address]) => splitPath(address)[0] === name);
    analyzed[path] = {
      functions: own.map(([address, { kind, visibility, args, returns }]) => ({
        name: splitPath(address)[1],
        pos: null,
        udfType: UDF_TYPES[kind],
        visibility: { kind: visibility },
        args: JSON.stringify(args),
        returns: returns === null ? null : JSON.stringify(returns),
      })),
      httpRoutes:
        name === "http" ? httpRoutes.map(([path_, method]) => ({ route: { path: path_, method } })) : null,
      cronSpecs: name === "crons" ? [...crons] : null,
      sourceMapped: null,
    };
  }
  return analyzed;
}
