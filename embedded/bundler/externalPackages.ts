/**
 * `node.externalPackages` of the project's `convex.json`: packages that Node.js loads from the project's `node_modules`
 * instead of the bundle (`src/bundler/external.ts` in convex-js).
 */
import { existsSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import type * as esbuild from "esbuild";
import { BuildError } from "./buildError.ts";

/** Stands for all packages of the project, but for `convex`: its classes are known by identity. */
const ALL = "*";
const NEVER_EXTERNAL = "convex";

/** Leaves the listed packages out of the bundle, where Node.js will find the very one that the import means. */
export function externalPackages(functionsDir: string): esbuild.Plugin {
  const listed = readExternalPackages(functionsDir);
  const isListed = (name: string): boolean =>
    listed.includes(name) || (listed.includes(ALL) && name !== NEVER_EXTERNAL);
  return {
    name: "external-packages",
    setup(build) {
      if (listed.length === 0) return;
      build.onResolve({ filter: /^[^./]/ }, ({ path: imported, resolveDir }) => {
        const name = packageOf(imported);
        if (!isListed(name)) return undefined;
        // What is no package of the project (a path of its tsconfig), or another version of one, belongs into the bundle.
        const found = findPackage(name, resolveDir);
        return found !== null && found === findPackage(name, functionsDir)
          ? { path: imported, external: true }
          : undefined;
      });
    },
  };
}

/** Makes code in `outDir` find the packages of the project, if it leaves any out and is not in the project itself. */
export function linkPackages(functionsDir: string, outDir: string): void {
  if (readExternalPackages(functionsDir).length === 0) return;
  const packages = findAbove(functionsDir, "node_modules");
  if (packages === null || packages === findAbove(outDir, "node_modules")) return;
  const link = path.join(outDir, "node_modules");
  rmSync(link, { force: true });
  symlinkSync(packages, link, "junction");
}

/** `@scope/name` or `name` of an import. */
function packageOf(imported: string): string {
  return imported
    .split("/")
    .slice(0, imported.startsWith("@") ? 2 : 1)
    .join("/");
}

const findPackage = (name: string, directory: string): string | null =>
  findAbove(directory, path.join("node_modules", name));

/** A file or folder in the directory or the next one above it that has it, or `null`. */
function findAbove(directory: string, name: string): string | null {
  const found = path.join(directory, name);
  if (existsSync(found)) return realpathSync(found);
  const parent = path.dirname(directory);
  return parent === directory ? null : findAbove(parent, name);
}

function readExternalPackages(functionsDir: string): string[] {
  let text: string;
  try {
    text = readFileSync(path.join(functionsDir, "..", "convex.json"), "utf8");
  } catch {
    return [];
  }
  try {
    const config = JSON.parse(text) as { node?: { externalPackages?: string[] } };
    return config.node?.externalPackages ?? [];
  } catch (error) {
    throw new BuildError(`convex.json is not valid JSON: ${String(error)}`);
  }
}
