/**
 * The files of a project that its functions import from outside of their folder, such as `../shared/`. They are the app's
 * code too: who keeps or follows a build has to look at them. `sources.json` beside the code lists them.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Bundle } from "./bundleModules.ts";

const FILE = "sources.json";
const IN_PACKAGE = `${path.sep}node_modules${path.sep}`;

/** One bundled folder. */
type BundledFolder = { directory: string; bundles: readonly Bundle[] };

/** Notes in `outDir` what was bundled from outside of `functionsDir` and of packages. */
export function writeOutsideSources(
  outDir: string,
  functionsDir: string,
  folders: readonly BundledFolder[],
): void {
  const files = new Set<string>();
  for (const { directory, bundles } of folders) {
    // As `bundleModules` names the output: sources are relative to it.
    const base = path.join(path.dirname(directory), "out");
    for (const { map } of bundles) {
      const { sources } = JSON.parse(map) as { sources: string[] };
      for (const source of sources) {
        const file = path.resolve(base, source);
        const isOutside = path.relative(functionsDir, file).startsWith("..") && !file.includes(IN_PACKAGE);
        if (isOutside && existsSync(file)) files.add(file);
      }
    }
  }
  writeFileSync(path.join(outDir, FILE), JSON.stringify([...files].sort()));
}

/** Absolute paths; none if `outDir` was built by a version that noted nothing. */
export function readOutsideSources(outDir: string): string[] {
  const file = path.join(outDir, FILE);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as string[]) : [];
}
