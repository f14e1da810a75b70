import path from "node:path";
import { makeFunctionReference } from "convex/server";
import { expect, onTestFinished, test } from "vitest";
import { embeddedTest } from "../../../embedded/testing.ts";
import type schema from "../actions/app/schema.ts";

test("[E21.1] embeddedTest: vector search in functions and in inline actions", async () => {
  const functionsDir = path.join(import.meta.dirname, "../actions/app");
  const t = embeddedTest<typeof schema>({ functionsDir, env: { GREETING: "hello" } });
  onTestFinished(() => t.close());
  const id = await t.run((ctx) => ctx.db.insert("points", { at: [3, 0], kind: "a" }));
  expect(await t.action((ctx) => ctx.vectorSearch("points", "by_at", { vector: [1, 0] }))).toEqual([
    { _id: id, _score: 1 },
  ]);
  const nearest = makeFunctionReference<"action">("isolated:nearest");
  expect(await t.action(nearest, { add: [0, 1], kind: "b", to: [0, 2] })).toEqual([
    { isOwn: true, score: 1 },
    { isOwn: false, score: 0 },
  ]);
});
