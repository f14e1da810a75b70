/** `docs/guarantees.md` and the titles of tests name the same guarantees. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const ROOT = path.join(import.meta.dirname, "../..");
/** `[G4]`, and `[G4, G7]` where one test is about several. */
const QUOTES = /\[((?:[GE]\d+(?:\.\d+)?(?:, )?)+)\]/g;

const quotedIn = (file: string): Set<string> =>
  new Set(
    [...readFileSync(file, "utf8").matchAll(QUOTES)].flatMap(([, list]) =>
      list!.split(", ").filter((name) => name.startsWith("G")),
    ),
  );

const table = readFileSync(path.join(ROOT, "docs/guarantees.md"), "utf8");
const rows = [...table.matchAll(/^\| (G\d+) .*$/gm)].map(([row, name]) => ({
  name: name!,
  files: [...row.matchAll(/\(\.\.\/(tests\/[^)]+)\)/g)].map(([, file]) => file!),
}));

test("the seventeen guarantees have rows, in order, and each file that a row names quotes its guarantee", () => {
  expect(rows.map(({ name }) => name)).toEqual(Array.from({ length: 17 }, (_, i) => `G${i + 1}`));
  const silent = rows.flatMap(({ name, files }) =>
    files.filter((file) => !quotedIn(path.join(ROOT, file)).has(name)).map((file) => `${name} in ${file}`),
  );
  expect(silent).toEqual([]);
  expect(rows.filter(({ files }) => files.length < 2)).toEqual([]);
});

test("no test quotes a guarantee that is none", () => {
  const known = new Set(rows.map(({ name }) => name));
  const files = readdirSync(path.join(ROOT, "tests"), { recursive: true, encoding: "utf8" });
  const unknown = files
    .filter((file) => /\.test\.tsx?$/.test(file))
    .flatMap((file) => [...quotedIn(path.join(ROOT, "tests", file))].map((name) => ({ name, file })))
    .filter(({ name }) => !known.has(name));
  expect(unknown).toEqual([]);
});
