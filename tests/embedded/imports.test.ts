/** The modules of `convex/` have layers: none imports, through others, itself, not even for a type. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const CONVEX = path.join(import.meta.dirname, "../../convex");
const IMPORTS = /(?:\bfrom|^import)\s+"(\.{1,2}\/[^"]+)"/gm;

/** The modules that each module imports; what is generated imports them all, for their types. */
function importsOfAll(): Map<string, string[]> {
  const files = readdirSync(CONVEX, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !file.startsWith("_generated"),
  );
  const importsOf = (file: string): string[] =>
    [...readFileSync(path.join(CONVEX, file), "utf8").matchAll(IMPORTS)]
      .map(([, name]) => `${path.join(path.dirname(file), name!.replace(/\.ts$/, ""))}.ts`)
      .filter((name) => !name.startsWith("_generated") && existsSync(path.join(CONVEX, name)));
  return new Map(files.map((file) => [file, importsOf(file)]));
}

test("no circle of imports in convex/", () => {
  const imports = importsOfAll();
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, above: readonly string[]): void => {
    if (above.includes(file)) circles.push([...above.slice(above.indexOf(file)), file].join(" → "));
    if (done.has(file) || above.includes(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...above, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  expect(imports.size).toBeGreaterThan(100);
  expect(circles).toEqual([]);
});
