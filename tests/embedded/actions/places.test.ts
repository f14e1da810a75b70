import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../../embedded/actions/actionLimits.ts";
import { Places } from "../../../embedded/actions/places.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("[E10.13] runs of the Convex runtime begin two at a time, and payers take turns at that", async () => {
  const places = new Places(DEFAULT_LIMITS, undefined);
  const begun: { payer: string; done: () => void }[] = [];
  const want = (payer: string, runtime: "isolate" | "node" = "isolate"): void => {
    void places.takeTurn(runtime, { payer }).then((done) => begun.push({ payer, done: done! }));
  };
  for (let i = 0; i < 100; i++) want("greedy");
  want("modest");
  want("other", "node");
  await turn();
  expect(begun.map(({ payer }) => payer)).toEqual(expect.arrayContaining(["greedy", "greedy", "other"]));
  expect(begun).toHaveLength(3);
  for (const { done } of [...begun]) done();
  await turn();
  expect(begun).toHaveLength(5);
  expect(begun.map(({ payer }) => payer)).toContain("modest");
});

test("[E10.13] in cloud mode each has a thread of its own, and all begin at once", async () => {
  const places = new Places(DEFAULT_LIMITS, 16);
  const turns = Array.from({ length: 16 }, () => places.takeTurn("isolate", { payer: "a" }));
  expect((await Promise.all(turns)).every((done) => done !== null)).toBe(true);
});

test("[E10.13] one client has 32 contexts of the Convex runtime at most, however many places are free; the server more", async () => {
  const places = new Places(DEFAULT_LIMITS, undefined);
  const taken = new Map<string, number>();
  for (const payer of ["greedy", ""]) {
    for (let i = 0; i < 250; i++) {
      void places
        .take("isolate", { payer, patience: "patient" }, () => false)
        .then(() => taken.set(payer, (taken.get(payer) ?? 0) + 1));
    }
  }
  await turn();
  expect(taken.get("greedy")).toBe(32);
  expect(taken.get("")).toBe(224);
});

test("[E10.5] a request whose client has left gets no place, and keeps none from others", async () => {
  const places = new Places({ places: { ...DEFAULT_LIMITS.places, http: 1 }, maxWaitMs: 10_000 }, undefined);
  const giveBack = await places.take("http", { payer: "a" }, () => false);
  const leaving = new AbortController();
  const left = places.take("http", { payer: "b", signal: leaving.signal }, () => false);
  const next = places.take("http", { payer: "c" }, () => false);
  leaving.abort();
  giveBack?.();
  const nexts = await next;
  expect(nexts).not.toBeNull();
  expect(await left).toBeNull();
  nexts?.();
  expect(await places.take("http", { payer: "b", signal: leaving.signal }, () => false)).toBeNull();
});
