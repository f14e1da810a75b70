/**
 * The tree of components that `convex.config.ts` describes. A definition is evaluated with each imported definition
 * replaced by what the official bundler gives it in place of one: its path and its name. So children are read first.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import vm from "node:vm";
import type * as esbuild from "esbuild";
import type { ComponentPath } from "../database/types.ts";
import type { EnvBinding } from "../functions/types.ts";
import { BuildError } from "./buildError.ts";
import { bundleScript } from "./bundleModules.ts";
import { findModuleFile } from "./entryPoints.ts";

/** One mounted component. Two mounts of one definition are two of these with the same `directory`. */
export type ComponentNode = {
  path: ComponentPath;
  /** The folder with its functions. */
  directory: string;
  children: Map<string, ComponentPath>;
  env: ReadonlyMap<string, EnvBinding> | null;
};

export type ComponentTree = {
  nodes: ComponentNode[];
  /** Environment variables that the app declares and does not call optional. */
  requiredEnv: string[];
  /** What each `convex.config` says, by its folder. */
  definitions: ReadonlyMap<string, DefinitionJson>;
};

/** What `export()` of a definition returns, as far as it is supported. */
export type DefinitionJson = {
  name?: string;
  httpPrefix?: string;
  childComponents: {
    name: string;
    path: string;
    env: [string, { type: "value"; value: string } | { type: "envVar"; name: string }][] | null;
  }[];
  httpMounts: Record<string, string>;
  envVars?: [string, { optional?: boolean }][];
};

type Definition = { file: string; name: string; json: DefinitionJson };

const CONFIG_FILE = /convex\.config(\.[jt]s)?$/;
const COMPONENT_NAME = /^[A-Za-z0-9_]+$/;

/** Reads `convex.config.ts` of the app, if it has one, and those of all components it uses. */
export async function readComponentTree(functionsDir: string): Promise<ComponentTree> {
  const file = findModuleFile(functionsDir, "convex.config");
  if (file === null) {
    const app = { path: "", directory: functionsDir, children: new Map<string, ComponentPath>(), env: null };
    return { nodes: [app], requiredEnv: [], definitions: new Map() };
  }
  const definitions = new Map<string, Definition>();
  const app = await readDefinition(file, definitions, []);
  if (app.json.httpPrefix !== undefined) {
    throw new BuildError(
      `${file}: defineApp({ httpPrefix }) is not supported by the embedded backend. Write the prefix into the paths in http.ts.`,
    );
  }
  const nodes: ComponentNode[] = [];
  mount(app, "", null, definitions, nodes);
  const requiredEnv = (app.json.envVars ?? []).filter(([, { optional }]) => optional !== true);
  const byFolder = [...definitions.values()].map(
    ({ file: source, json }) => [path.dirname(source), json] as const,
  );
  return { nodes, requiredEnv: requiredEnv.map(([name]) => name), definitions: new Map(byFolder) };
}

function mount(
  definition: Definition,
  componentPath: ComponentPath,
  env: ReadonlyMap<string, EnvBinding> | null,
  definitions: ReadonlyMap<string, Definition>,
  nodes: ComponentNode[],
): void {
  const children = new Map<string, ComponentPath>();
  nodes.push({ path: componentPath, directory: path.dirname(definition.file), children, env });
  const [prefix] = Object.keys(definition.json.httpMounts);
  if (prefix !== undefined) {
    throw new BuildError(
      `${definition.file}: app.use(component, { httpPrefix: "${prefix}" }) is not supported by the embedded backend. ` +
        "Route the requests in http.ts and call the component's functions there.",
    );
  }
  for (const child of definition.json.childComponents) {
    if (children.has(child.name)) {
      throw new BuildError(
        `${definition.file}: two components are named "${child.name}". Give one another name: app.use(component, { name }).`,
      );
    }
    if (!COMPONENT_NAME.test(child.name)) {
      throw new BuildError(
        `${definition.file}: component name "${child.name}" must be alphanumeric plus underscores.`,
      );
    }
    const childDefinition = definitions.get(child.path);
    if (childDefinition === undefined) throw new Error(`No component definition at ${child.path}`);
    const childPath = componentPath === "" ? child.name : `${componentPath}/${child.name}`;
    children.set(child.name, childPath);
    mount(childDefinition, childPath, bindingsOf(definition, child, childDefinition), definitions, nodes);
  }
}

function bindingsOf(
  parent: Definition,
  child: DefinitionJson["childComponents"][number],
  childDefinition: Definition,
): Map<string, EnvBinding> {
  const bindings = new Map<string, EnvBinding>();
  for (const [name, binding] of child.env ?? []) {
    bindings.set(name, binding.type === "value" ? { value: binding.value } : { fromParent: binding.name });
  }
  const declared = new Map(childDefinition.json.envVars ?? []);
  for (const name of bindings.keys()) {
    if (!declared.has(name)) {
      throw new BuildError(
        `${parent.file}: component "${child.name}" is given the environment variable ${name}, which it does not declare.`,
      );
    }
  }
  for (const [name, { optional }] of declared) {
    if (optional !== true && !bindings.has(name)) {
      throw new BuildError(
        `${parent.file}: component "${child.name}" needs the environment variable ${name}. ` +
          `Pass it: app.use(${child.name}, { env: { ${name}: … } }).`,
      );
    }
  }
  return bindings;
}

async function readDefinition(
  file: string,
  definitions: Map<string, Definition>,
  importers: readonly string[],
): Promise<Definition> {
  const known = definitions.get(file);
  if (known !== undefined) return known;
  if (importers.includes(file)) {
    throw new BuildError(`Components use each other in a circle: ${[...importers, file].join(" → ")}`);
  }
  const imported = new Set<string>();
  const bundle = await bundleScript(file, "definition", [replaceImportedDefinitions(imported)]);
  const names: Record<string, string> = {};
  for (const child of imported) {
    names[child] = (await readDefinition(child, definitions, [...importers, file])).name;
  }
  const json = evaluateDefinition(file, bundle.code, names);
  const definition = { file, json, name: json.name ?? "" };
  definitions.set(file, definition);
  return definition;
}

function evaluateDefinition(file: string, code: string, names: Record<string, string>): DefinitionJson {
  const context = vm.createContext({ process: { env: {} } });
  const script = `${code}
globalThis.exported = (() => {
  const app = definition.default;
  if (app === undefined || typeof app.export !== "function") return "null";
  return JSON.stringify(app.export());
})();`;
  let exported: string;
  try {
    vm.runInContext(`globalThis.componentNames = ${JSON.stringify(names)};`, context);
    vm.runInContext(script, context, { filename: file });
    exported = vm.runInContext("exported", context) as string;
  } catch (error) {
    throw new BuildError(`${file}: ${(error as { message?: string }).message ?? String(error)}`);
  }
  const json = JSON.parse(exported) as DefinitionJson | null;
  if (json === null) {
    throw new BuildError(`${file} must have a default export of defineApp() or defineComponent().`);
  }
  return json;
}

/** In place of an imported definition: the path that identifies it, and its name. Collects the paths. */
function replaceImportedDefinitions(imported: Set<string>): esbuild.Plugin {
  const namespace = "component-definition";
  return {
    name: namespace,
    setup(build) {
      build.onResolve(
        { filter: /convex\.config/ },
        async ({ path: specifier, kind, resolveDir, pluginData }) => {
          if (kind === "entry-point" || pluginData === namespace) return undefined;
          const stem = specifier.replace(CONFIG_FILE, "convex.config");
          for (const candidate of [specifier, `${stem}.ts`, `${stem}.js`, stem]) {
            const resolved = await build.resolve(candidate, { kind, resolveDir, pluginData: namespace });
            if (resolved.errors.length === 0 && existsSync(resolved.path)) {
              imported.add(resolved.path);
              return { path: resolved.path, namespace };
            }
          }
          return undefined;
        },
      );
      build.onLoad({ filter: /.*/, namespace }, ({ path: file }) => ({
        contents:
          `export default { componentDefinitionPath: ${JSON.stringify(file)}, ` +
          `defaultName: globalThis.componentNames[${JSON.stringify(file)}] };`,
        loader: "js",
      }));
    },
  };
}
