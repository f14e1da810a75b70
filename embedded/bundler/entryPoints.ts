/**
 * Which files of a functions folder are modules of the app, and in which runtime each runs. The rules are those of
 * the official CLI (`convex/src/bundler/index.ts`), so that the same folder gives the same functions on both.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import type { Runtime } from "../functions/types.ts";
import { BuildError } from "./buildError.ts";

export type EntryPoint = {
  /** Name of the module: its path below the functions folder, without extension. */
  name: string;
  /** Absolute path. */
  file: string;
  runtime: Runtime;
};

const ENTRY_POINT_EXTENSIONS = [".js", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".jsx"];
/** Modules that the backend itself reads, in its own runtime. */
const ISOLATE_ONLY = ["http", "crons", "schema", "auth.config"];
/** TypeScript's own condition for a file to be a module. */
const IMPORT_OR_EXPORT = /^\s{0,100}(import|export)/m;
/** A directive prologue: comments and other directives may come before it, code may not. */
const USE_NODE_DIRECTIVE =
  /^(?:\uFEFF?#![^\n]*\n)?(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/|(?:"[^"\n]*"|'[^'\n]*')\s*(?:;|(?=\n)))*?["']use node["']/;
const MODULE_PATH_COMPONENT = /^[A-Za-z0-9_.]+$/;

/** The modules of `functionsDir`, sorted by name. Throws a `BuildError` if two files claim one name. */
export function findEntryPoints(functionsDir: string): EntryPoint[] {
  const byName = new Map<string, EntryPoint>();
  for (const file of filesBelow(functionsDir)) {
    const relative = toPosix(path.relative(functionsDir, file));
    if (!isEntryPoint(functionsDir, relative)) continue;
    const source = readFileSync(file, "utf8");
    if (/\.tsx?$/.test(relative) && !IMPORT_OR_EXPORT.test(source)) continue;

    const name = relative.slice(0, -path.extname(relative).length);
    checkName(relative, name);
    const other = byName.get(name);
    if (other !== undefined) {
      throw new BuildError(
        `${relative} and ${toPosix(path.relative(functionsDir, other.file))} are both the module "${name}". ` +
          "Rename or delete one of them.",
      );
    }
    byName.set(name, { name, file, runtime: runtimeOf(relative, name, source) });
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The file in `directory` called `name`, as TypeScript or as JavaScript, or `null`. Both is an error. */
export function findModuleFile(directory: string, name: string): string | null {
  const found = [".ts", ".js"].map((extension) => path.join(directory, name + extension)).filter(existsSync);
  if (found.length > 1) throw new BuildError(`Found both ${found.join(" and ")}. Delete one of them.`);
  return found[0] ?? null;
}

function* filesBelow(directory: string): Generator<string> {
  const entries = readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const child = path.join(directory, entry.name);
    if (entry.isDirectory()) {
      // A folder that defines a component is deployed as one, not as part of this one.
      if (!existsSync(path.join(child, "convex.config.ts"))) yield* filesBelow(child);
    } else if (entry.isFile()) {
      yield child;
    }
  }
}

function isEntryPoint(functionsDir: string, relative: string): boolean {
  const base = path.posix.basename(relative);
  if (relative.startsWith("_deps/")) {
    throw new BuildError(
      `${path.join(functionsDir, relative)} is within the "_deps" directory, which is reserved for dependencies. ` +
        "Please move your code to another directory.",
    );
  }
  return (
    ENTRY_POINT_EXTENSIONS.some((extension) => relative.endsWith(extension)) &&
    !relative.startsWith("_generated/") &&
    !base.startsWith(".") &&
    !base.startsWith("#") &&
    base !== "schema.ts" &&
    base !== "schema.js" &&
    // `*.test.ts`, `*.d.ts`, and also `auth.config.ts` and `convex.config.ts`, which are read elsewhere.
    (base.match(/\./g) ?? []).length === 1 &&
    !relative.includes(" ")
  );
}

function checkName(relative: string, name: string): void {
  const bad = name.split("/").find((component) => !MODULE_PATH_COMPONENT.test(component));
  if (bad !== undefined) {
    throw new BuildError(
      `${relative} is not a valid path to a Convex module. Path component "${bad}" can only contain ` +
        "alphanumeric characters, underscores, or periods.",
    );
  }
}

function runtimeOf(relative: string, name: string, source: string): Runtime {
  if (source.includes("use node") && USE_NODE_DIRECTIVE.test(source)) {
    if (ISOLATE_ONLY.includes(name)) {
      throw new BuildError(`"use node" directive is not allowed for ${relative}.`);
    }
    return "node";
  }
  if (relative.startsWith("actions/")) {
    throw new BuildError(
      `${relative} is in /actions subfolder but has no "use node"; directive, which Convex requires of every file there. ` +
        "Add it, or move the file to another folder.",
    );
  }
  return "isolate";
}

function toPosix(file: string): string {
  return file.split(path.sep).join("/");
}
