/**
 * Makes a bare context into Convex's runtime for queries and mutations, and runs functions in it. This is the entry of
 * the script that is evaluated first in each context; the app's own code (`globalThis.convexModules`) comes second.
 */
import { installConsole } from "./console.ts";
import { installCrypto } from "./crypto.ts";
import { beginCall, installDeterminism } from "./determinism.ts";
import { installDomException } from "./domException.ts";
import { installEncoding } from "./encoding.ts";
import { describeThrown, installStackTraces } from "./errors.ts";
import { installEvents } from "./events.ts";
import { installFetchTypes } from "./fetchTypes.ts";
import type { IsolateHost } from "./host.ts";
import { forgetPerformanceEntries, installPerformance } from "./performance.ts";
import { installStructuredClone } from "./structuredClone.ts";
import { installSyscalls } from "./syscalls.ts";
import { installUnsupported } from "./unsupported.ts";
import { installUrl } from "./url.ts";
import { installWebAssembly } from "./webAssembly.ts";

export { analyze, functionsOf } from "./analyze.ts";

/** What promises of this context inherit from. */
export const promisePrototype: object = Promise.prototype;

/** What a promise that nobody awaited was rejected with, as `host.fail` takes it; without data, which nobody has encoded. */
export function describeRejection(reason: unknown): string {
  return JSON.stringify({ ...describeThrown(reason), data: undefined });
}

type RegisteredFunction = {
  invokeQuery?: (argsJson: string) => Promise<string>;
  invokeMutation?: (argsJson: string) => Promise<string>;
};

type Namespace = Record<string, unknown>;
type Modules = Record<string, () => Namespace>;

/** A module's namespace is made anew by each evaluation, though its code runs once. */
const namespaces = new Map<string, Namespace>();

/** Sets the globals up. Called once, before the app's code is evaluated. Returns what starts `host.call`. */
export function install(host: IsolateHost): () => void {
  const global = globalThis as unknown as Record<string, unknown>;
  global["self"] = globalThis;
  installStackTraces(host);
  installDomException(global);
  const readTime = installDeterminism(global, host);
  installConsole(global, host);
  installSyscalls(global, host);
  installEncoding(global, host);
  installUrl(global, host);
  installEvents(global);
  installStructuredClone(global);
  installFetchTypes(global);
  installCrypto(global, host);
  installPerformance(global, host, readTime);
  installWebAssembly(global);
  installUnsupported(global);
  installEnvironment(global, host);

  const finish = (resultJson: string): void => host.finish(resultJson);
  const fail = (thrown: unknown): void => host.fail(JSON.stringify(describeThrown(thrown)));
  return () => {
    const { call } = host;
    beginCall(call);
    forgetPerformanceEntries();
    try {
      const registered = findFunction(global["convexModules"] as Modules, call.module, call.exportName);
      host.noteLoaded();
      const invoke = call.kind === "query" ? registered.invokeQuery : registered.invokeMutation;
      if (invoke === undefined) throw new Error(`${call.module}:${call.exportName} is not a ${call.kind}.`);
      invoke(call.argsJson).then(finish, fail);
    } catch (thrown) {
      fail(thrown);
    }
  };
}

function findFunction(modules: Modules, module: string, exportName: string): RegisteredFunction {
  let namespace = namespaces.get(module);
  if (namespace === undefined) {
    const evaluate = modules[module];
    if (evaluate === undefined) throw new Error(`Couldn't find JavaScript module '${module}.js'.`);
    namespace = evaluate();
    namespaces.set(module, namespace);
  }
  const registered = namespace[exportName];
  if (registered === undefined) throw new Error(`Couldn't find "${exportName}" in module "${module}.js".`);
  return registered as RegisteredFunction;
}

/** `process.env` answers like Convex's: what is not set is `undefined`, and writing changes nothing for later calls. */
function installEnvironment(global: Record<string, unknown>, host: IsolateHost): void {
  const values = JSON.parse(host.env) as Record<string, string>;
  const env = new Proxy(values, {
    get: (target, name) => {
      if (name === "inspect") return () => "[process.env]";
      return typeof name === "string" && Object.hasOwn(target, name) ? target[name] : undefined;
    },
    set: () => true,
    defineProperty: () => true,
    deleteProperty: () => true,
  });
  global["process"] = { env };
}
