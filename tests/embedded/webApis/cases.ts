/** Runs the cases of the app beside this file, in a real query's and a real mutation's context. */
import { fileURLToPath } from "node:url";
import { makeFunctionReference } from "convex/server";
import type { Value } from "convex/values";
import { afterAll, describe, expect, test } from "vitest";
import { embeddedTest } from "../../../embedded/testing.ts";

const t = embeddedTest({ functionsDir: fileURLToPath(new URL("./app", import.meta.url)) });
afterAll(() => t.close());

/** One test a case; `path` is that of the query, and the mutation is beside it. `results`: what each case is to give. */
export function describeCases(title: string, path: string, results: Record<string, Value>): void {
  describe(title, () => {
    const evaluated = new Map<string, Promise<Map<string, Value>>>();
    const evaluate = (kind: "query" | "mutation"): Promise<Map<string, Value>> => {
      const known = evaluated.get(kind);
      if (known !== undefined) return known;
      const run = kind === "query" ? runQuery(path) : runMutation(`${path}InMutation`);
      const all = run.then((pairs) => new Map(pairs));
      evaluated.set(kind, all);
      return all;
    };
    test.each(Object.entries(results))("[E8.18] %s", async (name, result) => {
      for (const kind of ["query", "mutation"] as const)
        expect((await evaluate(kind)).get(name)).toEqual(result);
    });
    test("[E8.18] every case is looked at", async () => {
      expect([...(await evaluate("query")).keys()].sort()).toEqual(Object.keys(results).sort());
    });
  });
}

export async function runQuery<T = [string, Value][]>(
  path: string,
  args: Record<string, Value> = {},
): Promise<T> {
  return (await t.query(makeFunctionReference<"query">(path), args)) as T;
}

export async function runMutation<T = [string, Value][]>(path: string): Promise<T> {
  return (await t.mutation(makeFunctionReference<"mutation">(path), {})) as T;
}
