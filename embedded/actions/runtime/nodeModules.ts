/** The Node.js runtime: `"use node"` modules, loaded natively and shared by all runs of one deployment. */
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { convexGlobal, type ConvexGlobal } from "./convexGlobal.ts";
import { createConsole } from "./console.ts";
import type { ModuleNamespace } from "./isolateContext.ts";
import type { Environment } from "../protocol.ts";

type NodeFile = { modules?: Readonly<Record<string, () => Promise<ModuleNamespace>>> };

/** `import` that no tool in between rewrites: test runners load what they are given in ways of their own. */
const importNatively = new vm.Script("(url) => import(url)", {
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
}).runInThisContext() as (url: string) => Promise<unknown>;

/** Loads one module of `nodeFile`. `hash` tells versions of the file apart, since Node never forgets a module. */
export async function loadNodeModule(
  nodeFile: string,
  hash: string,
  name: string,
): Promise<ModuleNamespace | null> {
  const url = pathToFileURL(nodeFile);
  url.searchParams.set("deployment", hash);
  const file = (await importNatively(url.href)) as NodeFile;
  return (await file.modules?.[name]?.()) ?? null;
}

const realm = globalThis as { Convex?: ConvexGlobal | undefined; console: Console };
const original = { convex: realm.Convex, console: realm.console };
/** `console` for all of this thread: lines of a run go to the run. */
export const actionConsole = createConsole(original.console);
let installations = 0;

/**
 * Gives this thread what `"use node"` modules expect of their globals. Returns what takes it away again. In a process
 * that is shared with tests there may be several at a time: what is installed tells runs apart, not hosts.
 */
export function installNodeGlobals(env: Environment): () => void {
  installations += 1;
  realm.Convex = convexGlobal;
  realm.console = actionConsole;
  const previous = new Map(Object.keys(env).map((name) => [name, process.env[name]]));
  Object.assign(process.env, env);
  let isInstalled = true;
  return () => {
    if (!isInstalled) return;
    isInstalled = false;
    for (const [name, value] of previous) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    installations -= 1;
    if (installations > 0) return;
    realm.Convex = original.convex;
    realm.console = original.console;
  };
}
