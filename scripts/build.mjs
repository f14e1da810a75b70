// @ts-check
/**
 * Builds what runs: the page (Vite, `dist/page`), the server (esbuild, `dist/server`) and, by the built server's own
 * bundler, the functions (`dist/functions`). Each part is built only if its sources have changed since the last time.
 * Plain JavaScript, because nothing has been built yet when it runs.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
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
    "embedded/http/page/securityHeaders.ts",
    "package-lock.json",
  ],
  server: ["scripts", "embedded", "convex/shared", "package-lock.json"],
  functions: ["convex", "embedded/bundler", "embedded/functions", "package-lock.json"],
};

/** Folders in those that are built or installed themselves. */
const NO_SOURCES = ["dist", "node_modules"];

/** @typedef {keyof typeof SOURCES} Part */

/** Where Vite serves the page itself, it is not built. */
const WITHOUT_PAGE = "--without-page";

/**
 * Builds every part that is missing or stale, in a process of its own: the bundlers would leave the server with a
 * gigabyte of memory that nothing frees.
 * @param {{ page: boolean }} options
 * @returns {Promise<boolean>} whether all of it is there now; if not, the build has said why
 */
export async function buildStale({ page }) {
  const parts = partsToBuild(page);
  const states = await Promise.all(parts.map((part) => stateOf(part)));
  if (!states.some(({ isStale }) => isStale)) return true;
  const args = [fileURLToPath(import.meta.url), ...(page ? [] : [WITHOUT_PAGE])];
  const build = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
  const [code] = await once(build, "exit");
  return code === 0;
}

/** @param {boolean} page */
async function build(page) {
  await mkdir(path.join(root, "dist"), { recursive: true });
  for (const part of partsToBuild(page)) {
    const { isStale, stamp, stampFile } = await stateOf(part);
    if (!isStale) continue;
    await rm(stampFile, { force: true });
    await BUILDERS[part]();
    await writeFile(stampFile, stamp);
  }
}

/**
 * In the order in which they need each other.
 * @param {boolean} page
 * @returns {Part[]}
 */
function partsToBuild(page) {
  return page ? ["server", "functions", "page"] : ["server", "functions"];
}

/** @param {Part} part */
async function stateOf(part) {
  const stampFile = path.join(root, "dist", `${part}.stamp`);
  const stamp = await stampOf(SOURCES[part]);
  return { stamp, stampFile, isStale: (await readFile(stampFile, "utf8").catch(() => "")) !== stamp };
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
  const names = (await readdir(fileOrFolder)).filter((name) => !NO_SOURCES.includes(name)).sort();
  return (await Promise.all(names.map((name) => filesBelow(path.join(fileOrFolder, name))))).flat();
}

async function buildServer() {
  await bundleServer("scripts/main.ts", "dist/server");
}

/**
 * Bundles a program that runs the embedded backend.
 * @param {string} entryPoint
 * @param {string} folder
 */
export async function bundleServer(entryPoint, folder) {
  const { bundleBackend } = await import("../embedded/packaging/bundle.mjs");
  const name = path.basename(entryPoint, ".ts");
  await bundleBackend({ [name]: path.join(root, entryPoint) }, path.join(root, folder));
}

async function buildFunctions() {
  const { buildFunctions: build } = await import(pathToFileURL(path.join(root, "dist/server/main.js")).href);
  await build(root);
}

async function buildPage() {
  const { build } = await import("vite");
  await build({
    root,
    // The page finds its backend where it came from; a Convex deployment's URL in `.env.local` is for `dev:convex` and `vite build`.
    envDir: false,
    build: { outDir: path.join(root, "dist/page"), emptyOutDir: true },
    logLevel: "warn",
  });
}

/** @type {Record<Part, () => Promise<void>>} */
const BUILDERS = { server: buildServer, functions: buildFunctions, page: buildPage };

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await build(!process.argv.includes(WITHOUT_PAGE));
    // esbuild's service would keep this process alive.
    process.exit(0);
  } catch (error) {
    // A mistake in the sources is told in a sentence; anything else is ours, with its stack.
    console.error(
      error instanceof Error && ["BuildError", "StartError"].includes(error.name) ? error.message : error,
    );
    process.exit(1);
  }
}
