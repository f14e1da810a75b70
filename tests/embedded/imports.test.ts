/** The modules of each part have layers: none imports, through others, itself, not even for a type. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";

const ROOT = path.join(import.meta.dirname, "../..");
const IMPORTS = /(?:\bfrom|^import)\s+"(\.{1,2}\/[^"]+)"/gm;
/** What is generated imports all modules, for their types; what is built or installed is not ours. */
const LEFT_OUT = /(^|\/)(_generated|node_modules|dist)\//;

/** The modules that each module of a part imports of it. */
function importsIn(part: string): Map<string, string[]> {
  const folder = path.join(ROOT, part);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (file) => /\.tsx?$/.test(file) && !LEFT_OUT.test(file),
  );
  const importsOf = (file: string): string[] =>
    [...readFileSync(path.join(folder, file), "utf8").matchAll(IMPORTS)]
      .map(([, name]) => path.join(path.dirname(file), name!))
      .map((name) => (/\.(tsx?|css|json)$/.test(name) ? name : `${name}.ts`))
      .filter((name) => !LEFT_OUT.test(name) && existsSync(path.join(folder, name)));
  return new Map(files.map((file) => [file, importsOf(file)]));
}

test.each(["convex", "embedded", "src", "bench"])("no circle of imports in %s/", (part) => {
  const imports = importsIn(part);
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, above: readonly string[]): void => {
    if (above.includes(file)) circles.push([...above.slice(above.indexOf(file)), file].join(" → "));
    if (done.has(file) || above.includes(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...above, file]);
    done.add(file);
  };
  for (const file of imports.keys()) if (/\.tsx?$/.test(file)) visit(file, []);
  expect(imports.size).toBeGreaterThan(40);
  expect([...imports.values()].flat().length).toBeGreaterThan(imports.size);
  expect(circles).toEqual([]);
});

/** Packages with which models are asked. They take a context of a function more time and memory than all the rest of the app. */
const MODEL_PACKAGES = /^(ai|zod|@ai-sdk\/(?!provider$)[^/]+|@openrouter\/ai-sdk-provider)(\/|$)/;

test("no function of Convex's own runtime brings what asks models along: it is imported where it is first used", async () => {
  const folder = path.join(ROOT, "convex");
  const functions = readdirSync(folder)
    .filter((file) => /^\w+\.ts$/.test(file))
    .filter((file) => !readFileSync(path.join(folder, file), "utf8").startsWith('"use node"'));
  const { metafile } = await build({
    ...{ absWorkingDir: folder, entryPoints: functions, outdir: "out", write: false, metafile: true },
    ...{ bundle: true, splitting: true, format: "esm", platform: "neutral", packages: "external" },
  });
  const loaded = new Map(functions.map((file) => [file, [file]]));
  const found: string[] = [];
  for (const [file, way] of loaded) {
    for (const { path: name, kind, external } of metafile.inputs[file]?.imports ?? []) {
      if (kind === "dynamic-import") continue;
      if (external === true && MODEL_PACKAGES.test(name)) found.push([...way, name].join(" → "));
      if (external !== true && !loaded.has(name)) loaded.set(name, [...way, name]);
    }
  }
  expect(functions).toContain("messages.ts");
  expect(found).toEqual([]);
});
