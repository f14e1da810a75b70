import { embeddedTest } from "embedded-convex/testing";
import { afterEach, expect, test, vi } from "vitest";
import { api } from "./_generated/api";
import type schema from "./schema";

afterEach(() => {
  vi.useRealTimers();
});

test("a message can be read for a minute", async () => {
  vi.useFakeTimers();
  const t = embeddedTest<typeof schema>({ functionsDir: import.meta.dirname });
  await t.mutation(api.messages.send, { author: "Ann", text: "hello" });
  expect(await t.query(api.messages.newest)).toMatchObject([{ author: "Ann", text: "hello" }]);
  await t.finishAllScheduledFunctions(vi.runAllTimers);
  expect(await t.query(api.messages.newest)).toEqual([]);
  await t.close();
});
