/** [E8] Stack traces: where the code at a place of a bundle comes from. */
import { SourceMap as NodesSourceMap, type SourceMapPayload } from "node:module";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { transform } from "esbuild";
import { expect, test } from "vitest";
import { SourceMap } from "../../../embedded/functions/sourceMap.ts";

/** Some hundred lines of TypeScript, in which types and comments go. */
const SOURCE = Array.from(
  { length: 150 },
  (_, i) => `// Number ${i}
export function f${i}(a: number, b?: { c: string }): number {
  if (a > ${i}) throw new Error(\`\${a} ${"ü".repeat(i % 7)} \${b?.c}\`);
  return [a, ${"-1, ".repeat(i % 5)}${i}].map((x) => x * 2)[0]!;
}`,
).join("\n");

test("[E8] every place of a bundle comes from where Node.js says that it does", async () => {
  for (const minify of [false, true]) {
    const { code, map } = await transform(SOURCE, {
      loader: "ts",
      sourcemap: true,
      sourcefile: "f.ts",
      minify,
    });
    const ours = SourceMap.parse(map);
    const nodes = new NodesSourceMap(JSON.parse(map) as SourceMapPayload);
    const found: unknown[] = [];
    const expected: unknown[] = [];
    for (const [line, text] of code.split("\n").entries()) {
      for (let column = 0; column <= text.length; column += 3) {
        found.push(ours.originOf(line, column));
        const entry = nodes.findEntry(line, column);
        const isOfLine = "originalSource" in entry && entry.generatedLine === line;
        expected.push(
          isOfLine
            ? { source: entry.originalSource, line: entry.originalLine, column: entry.originalColumn }
            : null,
        );
      }
    }
    expect(found).toEqual(expected);
    expect(found.filter((origin) => origin !== null).length).toBeGreaterThan(1_000);
  }
});

test("[E8] beyond the code, before the first mapping, and where code comes from nowhere, there is no origin", () => {
  const { parse } = SourceMap;
  // One line: nothing up to column 2, then a.ts, then at column 4 code that a bundler has made.
  const map = parse(JSON.stringify({ version: 3, sources: ["a.ts"], mappings: "EAAA,E" }));
  expect([0, 2, 3, 4].map((column) => map.originOf(0, column)?.source ?? null)).toEqual([
    null,
    "a.ts",
    "a.ts",
    null,
  ]);
  expect([map.originOf(1, 0), map.originOf(1_000, 0)]).toEqual([null, null]);
  for (const broken of [
    "{}",
    "[]",
    '{"sources":[],"mappings":1}',
    '{"sources":[],"mappings":"A!"}',
    "no JSON",
  ])
    expect(() => parse(broken)).toThrow();
});

test("[E8] a map of half a million places takes little more memory than its text", () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const used = (): number => {
    gc();
    return process.memoryUsage().heapUsed;
  };
  const json = JSON.stringify({ sources: ["a.ts"], mappings: ";AACA,CAAC,CAAC,CAAC,CAAC".repeat(100_000) });
  const before = used();
  const map = SourceMap.parse(json);
  const taken = used() - before;
  expect(map.originOf(100_000, 1)?.line).toBe(100_000);
  // Node's own takes 60 MB.
  setFlagsFromString("--no-expose-gc");
  expect(taken).toBeLessThan(4 * json.length);
});
