import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { collectContexts } from "../../../embedded/actions/runtime/contextGarbage.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("[E10.9] the heap is collected after every 8 contexts that have ended, or after 32 where that would take more than a twentieth of the thread", async () => {
  let collected = 0;
  let now = 0;
  const collect = (): void => {
    collected += 1;
    now += 10;
  };
  const onEnd = collectContexts(collect, () => now);
  const collectionsOf = async (contexts: number): Promise<number> => {
    collected = 0;
    for (let i = 0; i < contexts; i++) onEnd();
    expect(collected).toBe(0);
    await turn();
    return collected;
  };
  expect(await collectionsOf(7)).toBe(0);
  expect(await collectionsOf(1)).toBe(1);
  now += 199;
  expect(await collectionsOf(31)).toBe(0);
  now += 1;
  expect(await collectionsOf(1)).toBe(1);
  expect(await collectionsOf(31)).toBe(0);
  expect(await collectionsOf(1)).toBe(1);
  now += 200;
  expect(await collectionsOf(8)).toBe(1);
});

test("[E10.9] the collector is V8's, which no other context gets", async () => {
  const onEnd = collectContexts();
  const garbage = new WeakRef({});
  await turn();
  for (let i = 0; i < 32; i++) onEnd();
  await turn();
  expect(garbage.deref()).toBeUndefined();
  expect("gc" in globalThis).toBe(false);
});

test("[E10.9] threads that start at the same time do not fail for each other's flags", async () => {
  const unset = 'for (;;) require("node:v8").setFlagsFromString("--no-expose-gc")';
  const other = new Worker(unset, { eval: true });
  await once(other, "online");
  for (let i = 0; i < 5; i++) expect(() => collectContexts()).not.toThrow();
  await other.terminate();
});
