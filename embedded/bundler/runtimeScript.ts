/** The script of `functions/isolate/`, which makes a bare context into Convex's runtime. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundleScript } from "./bundleModules.ts";

/** Seen from this file, and from the built server, into which this file is bundled. */
const ENTRY_POINTS = ["../functions/isolate/main.ts", "../../embedded/functions/isolate/main.ts"];

let bundled: Promise<string> | null = null;

export function bundleRuntime(): Promise<string> {
  bundled ??= bundle();
  return bundled;
}

async function bundle(): Promise<string> {
  const entryPoint = ENTRY_POINTS.map((relative) => fileURLToPath(new URL(relative, import.meta.url))).find(
    (file) => existsSync(file),
  );
  if (entryPoint === undefined) throw new Error("The sources of embedded/functions/isolate are missing.");
  return (await bundleScript(entryPoint, "convexRuntime")).code;
}
