/** The Node.js runtime: `"use node"` modules, loaded natively and shared by all runs of one deployment. */
import { pathToFileURL } from "node:url";
import { convexGlobal, type ConvexGlobal } from "./convexGlobal.ts";
import { createConsole } from "./console.ts";
import type { ModuleNamespace } from "./isolateContext.ts";
import type { Environment } from "../protocol.ts";

type NodeFile = { modules?: Readonly<Record<string, () => Promise<ModuleNamespace>>> };

/** A module of its own, so that its `import` is Node's and no test runner's. */
const IMPORTER = "data:text/javascript,export const load = (url) => import(url);";

/** Loads one module of `nodeFile`. `hash` tells versions of the file apart, since Node never forgets a module. */
export async function loadNodeModule(
  nodeFile: string,
  hash: string,
  name: string,
): Promise<ModuleNamespace | null> {
  const url = pathToFileURL(nodeFile);
  url.searchParams.set("deployment", hash);
  const { load } = (await import(IMPORTER)) as { load: (url: string) => Promise<NodeFile> };
  const file = await load(url.href);
  return (await file.modules?.[name]?.()) ?? null;
}

const realm = globalThis as { Convex?: ConvexGlobal | undefined; console: Console };
const original = { convex: realm.Convex, console: realm.console };
/** `console` for all of this thread: lines of a run go to the run. */
export const actionConsole = createConsole(original.console);
let installations = 0;
/** Environment variables as they were before the first installation. */
const replacedVariables = new Map<string, string | undefined>();

/**
 * Gives this thread what `"use node"` modules expect of their globals. Returns what takes it away again. In a process
 * that is shared with tests there may be several at a time: what is installed tells runs apart, not hosts.
 */
export function installNodeGlobals(env: Environment): () => void {
  installations += 1;
  realm.Convex = convexGlobal;
  realm.console = actionConsole;
  for (const name of Object.keys(env)) {
    if (!replacedVariables.has(name)) replacedVariables.set(name, process.env[name]);
  }
  Object.assign(process.env, env);
  let isInstalled = true;
  return () => {
    if (!isInstalled) return;
    isInstalled = false;
    installations -= 1;
    if (installations > 0) return;
    realm.Convex = original.convex;
    realm.console = original.console;
    for (const [name, value] of replacedVariables) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    replacedVariables.clear();
  };
}
