/** Where the code of the worker thread is: beside the built server, or made from the sources when these are run. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const BUILT_WORKER = "./actionWorker.js";
const WORKER_SOURCE = "./workerMain.ts";

let bundled: Promise<URL> | null = null;

export async function findWorkerCode(): Promise<URL> {
  const built = new URL(BUILT_WORKER, import.meta.url);
  if (existsSync(built)) return built;
  bundled ??= bundleSource(fileURLToPath(new URL(WORKER_SOURCE, import.meta.url)));
  return bundled;
}

/** Bundled into the URL itself: nothing is left behind on disk. */
async function bundleSource(entryPoint: string): Promise<URL> {
  const { build } = await import("esbuild");
  const result = await build({
    entryPoints: [entryPoint],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    write: false,
    logLevel: "silent",
  });
  const [output] = result.outputFiles;
  if (output === undefined) throw new Error("esbuild gave no output for the action worker");
  return new URL(`data:text/javascript;base64,${Buffer.from(output.contents).toString("base64")}`);
}
