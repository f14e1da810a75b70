// @ts-check
/**
 * Builds what runs: the page (Vite, `dist/page`), the server (esbuild, `dist/server`) and, by the built server's own
 * bundler, the functions (`dist/functions`). Each part is built only if its sources have changed since the last time.
 * Plain JavaScript, because nothing has been built yet when it runs.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/**
 * Sources of each part. A part built from other sources than these, or by other versions of its tools, is stale.
 * @satisfies {Record<string, readonly string[]>}
 */
const SOURCES = {
  page: [
    "index.html",
    "src",
    "public",
    "convex/shared",
    "convex/_generated",
    "vite.config.ts",
    "package-lock.json",
  ],
  server: ["scripts", "embedded", "package-lock.json"],
  functions: ["convex", "embedded/bundler", "embedded/functions", "package-lock.json"],
};

/** @typedef {keyof typeof SOURCES} Part */

/**
 * Builds every part that is missing or stale.
 * @param {{ page: boolean }} options `page: false` where Vite serves the page itself
 */
export async function buildStale({ page }) {
  await mkdir(path.join(root, "dist"), { recursive: true });
  await buildIfStale("server", buildServer);
  await buildIfStale("functions", buildFunctions);
  if (page) await buildIfStale("page", buildPage);
}

/**
 * @param {Part} part
 * @param {() => Promise<void>} build
 */
async function buildIfStale(part, build) {
  const stampFile = path.join(root, "dist", `${part}.stamp`);
  const stamp = await stampOf(SOURCES[part]);
  if ((await readFile(stampFile, "utf8").catch(() => "")) === stamp) return;
  await rm(stampFile, { force: true });
  await build();
  await writeFile(stampFile, stamp);
}

/**
 * Names, sizes and times of change of all files: as good as their content, and read in milliseconds.
 * @param {readonly string[]} sources
 */
async function stampOf(sources) {
  const hash = createHash("sha256").update(process.version);
  for (const source of sources) {
    for (const file of await filesBelow(path.join(root, source))) {
      const { size, mtimeMs } = await stat(file);
      hash.update(`${path.relative(root, file)} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest("hex");
}

/**
 * @param {string} fileOrFolder
 * @returns {Promise<string[]>}
 */
async function filesBelow(fileOrFolder) {
  const found = await stat(fileOrFolder).catch(() => null);
  if (!found) return [];
  if (!found.isDirectory()) return [fileOrFolder];
  const names = (await readdir(fileOrFolder)).sort();
  return (await Promise.all(names.map((name) => filesBelow(path.join(fileOrFolder, name))))).flat();
}

const buildServer = () => bundleServer("scripts/main.ts", "dist/server");

/**
 * Bundles a program that runs the embedded backend, and the worker that runs its actions beside it.
 * @param {string} entryPoint
 * @param {string} folder
 */
export async function bundleServer(entryPoint, folder) {
  const { build } = await import("esbuild");
  const outdir = path.join(root, folder);
  await rm(outdir, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: {
      [path.basename(entryPoint, ".ts")]: entryPoint,
      actionWorker: "embedded/actions/workerMain.ts",
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
}

async function buildFunctions() {
  const { buildFunctions: build } = await import(pathToFileURL(path.join(root, "dist/server/main.js")).href);
  await build(root);
}

async function buildPage() {
  const { build } = await import("vite");
  await build({
    root,
    // The page finds its backend where it came from; a Convex deployment's URL in `.env.local` is for `dev:convex`.
    envDir: false,
    build: { outDir: path.join(root, "dist/page"), emptyOutDir: true },
    logLevel: "warn",
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await buildStale({ page: true });
}
