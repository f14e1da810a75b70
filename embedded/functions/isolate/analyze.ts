/** What the modules of an app export: the functions, and what `schema`, `crons`, `http` and `auth.config` declare. */
import { describeThrown, type ThrownJson } from "./errors.ts";

export type AnalyzedFunction = {
  exportName: string;
  kind: "query" | "mutation" | "action" | "httpAction";
  visibility: "public" | "internal";
  /** JSON text, as `exportArgs()` and `exportReturns()` give it. */
  args: string;
  returns: string;
};

export type AnalyzedModule = {
  name: string;
  /** Set if the module could not be loaded, or does not export what its name promises. */
  thrown?: ThrownJson;
  functions: AnalyzedFunction[];
  /** What the default export of `schema`, `crons` or `auth.config` says, as JSON text. */
  exported?: string;
  /** Path and method of each route of `http`. */
  routes?: (readonly [path: string, method: string])[];
};

type Namespace = Record<string, unknown>;

/** Everything in `globalThis.convexModules`, or only the module of that name if it is there, as JSON. */
export function analyze(only: string | null): string {
  const { convexModules } = globalThis as unknown as { convexModules: Record<string, () => Namespace> };
  const modules = Object.entries(convexModules).filter(([name]) => only === null || name === only);
  return JSON.stringify(modules.map(([name, evaluate]) => analyzeModule(name, evaluate)));
}

function analyzeModule(name: string, evaluate: () => Namespace): AnalyzedModule {
  const analyzed: AnalyzedModule = { name, functions: [] };
  try {
    const namespace = evaluate();
    switch (name) {
      case "schema":
        analyzed.exported = schemaOf(namespace["default"]);
        break;
      case "auth.config":
        if (namespace["default"] === undefined) {
          throw new Error("auth.config.js must have a default export.");
        }
        analyzed.exported = JSON.stringify(namespace["default"]);
        break;
      case "crons":
        analyzed.exported = cronsOf(namespace["default"]);
        analyzed.functions = functionsOf(name, namespace);
        break;
      case "http":
        analyzed.routes = routesOf(namespace["default"]);
        analyzed.functions = functionsOf(name, namespace);
        break;
      default:
        analyzed.functions = functionsOf(name, namespace);
    }
  } catch (thrown) {
    analyzed.thrown = describeThrown(thrown);
  }
  return analyzed;
}

/** The functions among the exports of a module. Also used, outside of contexts, for `"use node"` modules. */
export function functionsOf(module: string, namespace: Namespace): AnalyzedFunction[] {
  const functions: AnalyzedFunction[] = [];
  for (const exportName of Object.keys(namespace)) {
    const value = namespace[exportName];
    if ((typeof value !== "function" && typeof value !== "object") || value === null) continue;
    const registered = value as Record<string, unknown>;
    const kind = kindOf(registered);
    if (kind === null) continue;
    if (registered["isPublic"] === true && registered["isInternal"] === true) continue;
    const text = (method: "exportArgs" | "exportReturns", otherwise: string): string => {
      const read = registered[method];
      if (read === undefined) return otherwise;
      if (typeof read !== "function") throw new Error(`${module}:${exportName}.${method} is not a function.`);
      return String((read as () => unknown).call(registered));
    };
    functions.push({
      exportName,
      kind,
      visibility: registered["isInternal"] === true ? "internal" : "public",
      args: text("exportArgs", '{"type":"any"}'),
      returns: text("exportReturns", "null"),
    });
  }
  return functions;
}

function kindOf(registered: Record<string, unknown>): AnalyzedFunction["kind"] | null {
  if (registered["isQuery"] === true) return "query";
  if (registered["isMutation"] === true) return "mutation";
  if (registered["isAction"] === true) return "action";
  return registered["isHttp"] === true ? "httpAction" : null;
}

function schemaOf(schema: unknown): string {
  const { export: write } = (schema ?? {}) as { export?: () => string };
  if (typeof write !== "function") {
    throw new Error("schema.ts must have a default export of defineSchema().");
  }
  return write.call(schema);
}

function cronsOf(crons: unknown): string {
  if (crons === undefined) {
    throw new Error("`convex/crons.js` must have a default export of a Crons object.");
  }
  const { isCrons, export: write } = (crons ?? {}) as { isCrons?: boolean; export?: () => string };
  if (isCrons !== true || write === undefined) {
    throw new Error("The default export of `convex/crons.js` is not a Crons object.");
  }
  return write.call(crons);
}

function routesOf(router: unknown): (readonly [string, string])[] {
  if (router === undefined) throw new Error("`convex/http.js` must have a default export of a Router.");
  const { isRouter, getRoutes } = router as {
    isRouter?: boolean;
    getRoutes?: () => [string, string, unknown][];
  };
  if (isRouter !== true || getRoutes === undefined) {
    throw new Error("The default export of `convex/http.js` is not a Router.");
  }
  return getRoutes().map(([path, method]) => [path, method]);
}
