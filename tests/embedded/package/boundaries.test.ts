/** What the package imports, and what its `package.json` says of that. */
import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { ROOT } from "./installed.ts";

const PACKAGE = path.join(ROOT, "embedded");
/** Projects of their own, and what is built. */
const OTHERS = /^(dist|examples|node_modules)\//;

type Manifest = Record<"dependencies" | "devDependencies" | "peerDependencies", Record<string, string>>;
const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as Manifest;

/** Each import of each source, static or dynamic. */
const imports = readdirSync(PACKAGE, { recursive: true, encoding: "utf8" })
  .filter((file) => /\.(ts|mjs)$/.test(file) && !OTHERS.test(file))
  .flatMap((file) => {
    const { importedFiles } = ts.preProcessFile(readFileSync(path.join(PACKAGE, file), "utf8"));
    return importedFiles.map(({ fileName }) => ({ file, specifier: fileName }));
  });

const packageOf = (specifier: string): string =>
  specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");

test("[E22.6] the package imports nothing of this repository but itself", () => {
  const outside = imports.filter(
    ({ file, specifier }) =>
      specifier.startsWith(".") && path.posix.join(path.posix.dirname(file), specifier).startsWith(".."),
  );
  expect(imports.length).toBeGreaterThan(500);
  expect(outside).toEqual([]);
});

test("[E22.6] its package.json names every package that it imports, exactly, and no others", () => {
  const { dependencies, peerDependencies } = readManifest(PACKAGE);
  const imported = new Set(
    imports
      .filter(({ specifier }) => !specifier.startsWith(".") && !isBuiltin(specifier))
      .map(({ specifier }) => packageOf(specifier)),
  );
  expect([...Object.keys(dependencies), ...Object.keys(peerDependencies)].sort()).toEqual(
    [...imported].sort(),
  );
  for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});

test("[E22.6] where this repository uses the same packages, they have the same versions", () => {
  const own = readManifest(PACKAGE);
  const root = readManifest(ROOT);
  const versions = { ...root.dependencies, ...root.devDependencies };
  for (const [name, version] of Object.entries({ ...own.dependencies, ...own.devDependencies })) {
    expect({ [name]: versions[name] ?? version }).toEqual({ [name]: version });
  }
  expect(own.peerDependencies).toEqual({ convex: `^${versions["convex"]!}` });
});
