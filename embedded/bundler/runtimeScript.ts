/** The script of `functions/isolate/`, which makes a bare context into Convex's runtime. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { bundleScript } from "./bundleModules.ts";

/** What a build calls it, beside the file into which this one is bundled. */
export const BUILT_RUNTIME = "isolateRuntime.js";
const SOURCE = "../functions/isolate/main.ts";

let bundled: Promise<string> | null = null;

/** Its code: that of the build, or made from the sources when these are run, or from `source`. */
export function bundleRuntime(source?: string): Promise<string> {
  bundled ??= bundle(source);
  return bundled;
}

async function bundle(source: string = fileURLToPath(new URL(SOURCE, import.meta.url))): Promise<string> {
  const built = new URL(BUILT_RUNTIME, import.meta.url);
  if (existsSync(built)) return readFile(built, "utf8");
  return (await bundleScript(source, "convexRuntime")).code;
}
