/** SPEC.md and the titles of tests name the same rules. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const TESTS = path.join(import.meta.dirname, "..");
const SPEC = path.join(import.meta.dirname, "../../embedded/SPEC.md");
/** `[E4.1]`, and `[E4, E17]` where one test is about several. */
const QUOTES = /\[(E\d+(?:\.\d+)?(?:, E\d+(?:\.\d+)?)*)\]/g;

const rules = [...readFileSync(SPEC, "utf8").matchAll(/^- \*\*(E\d+\.\d+)\*\*/gm)].map(([, rule]) => rule!);

/** Each rule that is quoted, with the files that quote it. */
function quotedRules(): Map<string, Set<string>> {
  const quoted = new Map<string, Set<string>>();
  for (const file of readdirSync(TESTS, { recursive: true, encoding: "utf8" })) {
    if (!/\.tsx?$/.test(file)) continue;
    for (const [, list] of readFileSync(path.join(TESTS, file), "utf8").matchAll(QUOTES)) {
      for (const rule of list!.split(", ")) quoted.set(rule, (quoted.get(rule) ?? new Set()).add(file));
    }
  }
  return quoted;
}

test("each rule of SPEC.md is quoted by the title of a test", () => {
  const quoted = quotedRules();
  expect(rules.filter((rule) => !quoted.has(rule))).toEqual([]);
});

test("no test quotes a rule that is not in SPEC.md", () => {
  const chapters = rules.map((rule) => rule.replace(/\..*/, ""));
  const known = new Set([...rules, ...chapters]);
  const unknown = [...quotedRules()].filter(([rule]) => !known.has(rule));
  expect(unknown.map(([rule, files]) => `${rule} in ${[...files].join(", ")}`)).toEqual([]);
});

test("rules are numbered without gaps, each once and in order", () => {
  for (const chapter of new Set(rules.map((rule) => rule.split(".")[0]!))) {
    const own = rules.filter((rule) => rule.startsWith(`${chapter}.`));
    expect(own).toEqual(own.map((_, place) => `${chapter}.${place + 1}`));
  }
});
