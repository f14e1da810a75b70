/** Where the code of the worker thread is: beside the built server, or made from the sources when these are run. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What `new Worker` takes. */
export type WorkerCode = { filename: string | URL; eval: boolean };

const BUILT_WORKER = "./actionWorker.js";
const WORKER_SOURCE = "./workerMain.ts";

let bundled: Promise<WorkerCode> | null = null;

export async function findWorkerCode(): Promise<WorkerCode> {
  const built = new URL(BUILT_WORKER, import.meta.url);
  if (existsSync(built)) return { filename: built, eval: false };
  bundled ??= bundleSource(fileURLToPath(new URL(WORKER_SOURCE, import.meta.url)));
  return bundled;
}

async function bundleSource(entryPoint: string): Promise<WorkerCode> {
  const { build } = await import("esbuild");
  const result = await build({
    entryPoints: [entryPoint],
    bundle: true,
    platform: "node",
    // What is evaluated as a text is a CommonJS script.
    format: "cjs",
    target: "node20",
    write: false,
    logLevel: "silent",
  });
  const [output] = result.outputFiles;
  if (output === undefined) throw new Error("esbuild gave no output for the action worker");
  return { filename: output.text, eval: true };
}
