// @ts-check
/**
 * Bundles programs that contain the embedded backend. Plain JavaScript, because nothing has been built when it runs.
 * Both the package (`build.mjs`) and whoever has the sources build with it.
 */
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

export const sources = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/**
 * Bundles `entryPoints` (output name → source file) into `outdir`, which it empties before, with the two files that the
 * backend looks for beside itself: the worker that runs actions, and the script that makes a context into Convex's runtime.
 * Packages stay imports.
 * @param {Record<string, string>} entryPoints
 * @param {string} outdir absolute
 */
export async function bundleBackend(entryPoints, outdir) {
  await rm(outdir, { recursive: true, force: true });
  await build({
    absWorkingDir: sources,
    entryPoints: {
      ...entryPoints,
      actionWorker: path.join(sources, "actions/workerMain.ts"),
      runtimeScript: path.join(sources, "bundler/runtimeScript.ts"),
    },
    outdir,
    bundle: true,
    splitting: true,
    packages: "external",
    platform: "node",
    target: "node20",
    format: "esm",
    sourcemap: true,
    logLevel: "error",
  });
  const { bundleRuntime, BUILT_RUNTIME } = await import(
    pathToFileURL(path.join(outdir, "runtimeScript.js")).href
  );
  await writeFile(
    path.join(outdir, BUILT_RUNTIME),
    await bundleRuntime(path.join(sources, "functions/isolate/main.ts")),
  );
}
