/** A built deployment on disk, so that a server starts without building: `deployment.json` beside the code. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { ComponentPath } from "../database/types.ts";
import type { Environment } from "../functions/environment.ts";
import type { ComponentBundle, CronJson, Deployment, EnvBinding, FunctionInfo } from "../functions/types.ts";
import { readAuthProviders } from "./analyzeDeployment.ts";
import { BuildError } from "./buildError.ts";

const MANIFEST = "deployment.json";
const RUNTIME_FILE = "runtime.js";
/** Raised when a manifest of an older build of this backend can no longer be read. */
const FORMAT = 1;
/** Files that a build writes; older ones among them are removed by the build after the next. */
const CODE_FILE = /^(isolate|node)-[0-9a-f]+\.m?js(\.map)?$/;

type Manifest = {
  format: number;
  hash: string;
  requiredEnv: string[];
  components: SavedComponent[];
};

type SavedComponent = Pick<ComponentBundle, "path" | "schema" | "httpRoutes"> & {
  children: [string, ComponentPath][];
  env: [string, EnvBinding][] | null;
  functions: [string, FunctionInfo][];
  crons: [string, CronJson][];
  isolateFile: string;
  nodeFile: string | null;
};

/**
 * Reads what `buildDeployment` has written. `auth.config` is evaluated anew, because it may read the environment.
 * Throws a `BuildError` if nothing was built there, or by another version.
 */
export function loadDeployment(outDir: string, env: Environment): Deployment {
  const manifest = readManifest(outDir);
  if (manifest === null) {
    throw new BuildError(`There are no built functions in ${outDir}. Build them first.`);
  }
  checkRequiredEnv(manifest.requiredEnv, env);
  const runtimeCode = readFileSync(path.join(outDir, RUNTIME_FILE), "utf8");
  const components = new Map<ComponentPath, ComponentBundle>();
  for (const saved of manifest.components) {
    const isolateFile = path.resolve(outDir, saved.isolateFile);
    components.set(saved.path, {
      ...saved,
      children: new Map(saved.children),
      env: saved.env === null ? null : new Map(saved.env),
      functions: new Map(saved.functions),
      crons: new Map(saved.crons),
      isolateFile,
      isolateCode: readFileSync(isolateFile, "utf8"),
      nodeFile: saved.nodeFile === null ? null : path.resolve(outDir, saved.nodeFile),
    });
  }
  const app = components.get("");
  if (app === undefined)
    throw new BuildError(`${path.join(outDir, MANIFEST)} is damaged. Build the functions anew.`);
  const { hash } = manifest;
  return { hash, components, runtimeCode, authProviders: readAuthProviders(runtimeCode, app, env) };
}

/** Writes everything but the code itself, which `buildDeployment` has already written. */
export function writeManifest(
  outDir: string,
  { hash, components, runtimeCode }: Pick<Deployment, "hash" | "components" | "runtimeCode">,
  requiredEnv: string[],
): void {
  const before = readManifest(outDir);
  const manifest: Manifest = {
    format: FORMAT,
    hash,
    requiredEnv,
    components: [...components.values()].map(({ isolateCode: _, ...component }) => ({
      ...component,
      children: [...component.children],
      env: component.env === null ? null : [...component.env],
      functions: [...component.functions],
      crons: [...component.crons],
      isolateFile: path.basename(component.isolateFile),
      nodeFile: component.nodeFile === null ? null : path.basename(component.nodeFile),
    })),
  };
  writeWhole(path.join(outDir, RUNTIME_FILE), runtimeCode);
  writeWhole(path.join(outDir, MANIFEST), JSON.stringify(manifest));
  removeUnused(outDir, before === null ? [manifest] : [manifest, before]);
}

/** Throws a `BuildError` if a variable that the app declares as needed is not set. */
function checkRequiredEnv(required: readonly string[], env: Environment): void {
  const missing = required.filter((name) => env[name] === undefined);
  if (missing.length > 0) {
    throw new BuildError(
      `convex.config.ts declares environment variables that are not set: ${missing.join(", ")}. ` +
        "Set them, or declare them as v.optional(…).",
    );
  }
}

function readManifest(outDir: string): Manifest | null {
  const file = path.join(outDir, MANIFEST);
  if (!existsSync(file)) return null;
  try {
    const manifest = JSON.parse(readFileSync(file, "utf8")) as Manifest;
    return manifest.format === FORMAT ? manifest : null;
  } catch {
    return null;
  }
}

/** A reader sees the old file or the new one, never a half. */
function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/** The version before this one may still be running. */
function removeUnused(outDir: string, manifests: readonly Manifest[]): void {
  const used = new Set(
    manifests
      .flatMap(({ components }) => components.flatMap(({ isolateFile, nodeFile }) => [isolateFile, nodeFile]))
      .flatMap((file) => (file === null ? [] : [file, `${file}.map`])),
  );
  for (const file of readdirSync(outDir)) {
    if (CODE_FILE.test(file) && !used.has(file)) rmSync(path.join(outDir, file));
  }
}
