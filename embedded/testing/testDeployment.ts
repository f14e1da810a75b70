import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildDeployment } from "../bundler/buildDeployment.ts";
import { readOutsideSources } from "../bundler/outsideSources.ts";
import { loadDeployment } from "../bundler/savedDeployment.ts";
import type { Environment } from "../functions/environment.ts";
import type { Deployment } from "../functions/types.ts";

/** Builds that are kept for the next run of the tests. One has a few megabytes. */
const KEPT_BUILDS = 8;

/** Hexadecimal digits of a hash that name a build. */
const HASH_LENGTH = 32;
const UNFINISHED = ".unfinished";

/** The built package's code, or the folder that holds `testing/`. */
const BACKEND = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? ".." : ".", import.meta.url));
/** What is in that folder and no part of the backend: it may change at any time. */
const BESIDE_BACKEND = /^(dist|examples|node_modules)\b/;

/** Per folder and environment: all tests of a file share one. */
const deployments = new Map<string, Promise<Deployment>>();

/**
 * The functions of a folder, built once for all test files and all runs in which neither they, nor the packages that are
 * installed, nor this backend have changed.
 */
export function testDeployment(functionsDir: string, env: Environment): Promise<Deployment> {
  const key = JSON.stringify([functionsDir, env]);
  let deployment = deployments.get(key);
  if (deployment === undefined) deployments.set(key, (deployment = openDeployment(functionsDir, env)));
  return deployment;
}

async function openDeployment(functionsDir: string, env: Environment): Promise<Deployment> {
  const builds = buildsFolder(functionsDir);
  const hash = contentHash(functionsDir);
  const folder = findBuild(builds, hash) ?? (await build(functionsDir, env, builds, hash));
  return loadDeployment(folder, env);
}

/** A build of the same functions folder whose imports from elsewhere in the project have not changed since. */
function findBuild(builds: string, hash: string): string | null {
  if (!existsSync(builds)) return null;
  const folders = readdirSync(builds)
    .filter((name) => name.startsWith(`${hash}-`) && !name.endsWith(UNFINISHED))
    .map((name) => path.join(builds, name));
  return folders.find((folder) => folder.endsWith(`-${outsideHash(folder)}`)) ?? null;
}

async function build(functionsDir: string, env: Environment, builds: string, hash: string): Promise<string> {
  mkdirSync(builds, { recursive: true });
  const unfinished = path.join(builds, `${hash}-${process.pid}${UNFINISHED}`);
  await buildDeployment({ functionsDir, outDir: unfinished, env });
  const folder = path.join(builds, `${hash}-${outsideHash(unfinished)}`);
  publish(unfinished, folder);
  removeOldBuilds(builds);
  return folder;
}

/** Which files these are is known only when the functions have been built. */
function outsideHash(folder: string): string {
  const hash = createHash("sha256");
  for (const file of readOutsideSources(folder)) {
    hash
      .update(`${file}\0`)
      .update(existsSync(file) ? readFileSync(file) : "")
      .update("\0");
  }
  return hash.digest("hex").slice(0, HASH_LENGTH);
}

/** Two test processes may have built the same: either will do. */
function publish(unfinished: string, folder: string): void {
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

/** Beside the packages that the functions use, where the cache of other tools is too. */
function buildsFolder(functionsDir: string): string {
  const packages = packagesFolder(functionsDir);
  return path.join(packages === null ? tmpdir() : path.join(packages, ".cache"), "embedded-test-builds");
}

function packagesFolder(directory: string): string | null {
  const packages = path.join(directory, "node_modules");
  if (existsSync(packages)) return packages;
  const parent = path.dirname(directory);
  return parent === directory ? null : packagesFolder(parent);
}

function contentHash(functionsDir: string): string {
  const hash = createHash("sha256").update(process.version);
  const packages = packagesFolder(functionsDir);
  const lock = packages === null ? null : path.join(packages, ".package-lock.json");
  if (lock !== null && existsSync(lock)) hash.update(readFileSync(lock));
  for (const folder of [functionsDir, BACKEND]) {
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
      if (folder === BACKEND && BESIDE_BACKEND.test(name)) continue;
      const file = path.join(folder, name);
      if (statSync(file).isFile()) hash.update(`${name}\0`).update(readFileSync(file)).update("\0");
    }
  }
  return hash.digest("hex").slice(0, HASH_LENGTH);
}

function removeOldBuilds(builds: string): void {
  const byAge = readdirSync(builds)
    .map((name) => path.join(builds, name))
    .map((folder) => ({ folder, madeAt: statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.madeAt - a.madeAt);
  for (const { folder } of byAge.slice(KEPT_BUILDS)) rmSync(folder, { recursive: true, force: true });
}
