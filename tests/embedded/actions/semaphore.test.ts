import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../../embedded/actions/actionLimits.ts";
import { Places } from "../../../embedded/actions/places.ts";
import { createSemaphore } from "../../../embedded/actions/semaphore.ts";
import type { SemaphoreOptions } from "../../../embedded/actions/semaphore.ts";
import { payerOf } from "../../../embedded/functions/client.ts";

/** Timers that never ring. */
const startTimer: NonNullable<SemaphoreOptions["startTimer"]> = () => () => {};

function open(limit: number, leavesRoom: boolean) {
  const semaphore = createSemaphore(limit, 1, { startTimer, leavesRoom });
  const held = new Map<string, (() => void)[]>();
  const order: string[] = [];
  const want = (payer: string, count: number): void => {
    for (let i = 0; i < count; i++) {
      void semaphore.acquire({ payer }).then((giveBack) => {
        if (giveBack === null) return;
        order.push(payer);
        held.set(payer, [...(held.get(payer) ?? []), giveBack]);
      });
    }
  };
  const count = (payer: string): number => held.get(payer)?.length ?? 0;
  const giveBack = (payer: string): void => held.get(payer)?.pop()?.();
  return { want, count, giveBack, order, turn: () => new Promise(setImmediate) };
}

describe("[E10.13] places", () => {
  test("one payer alone gets half of them, and the next ones always find one", async () => {
    const { want, count, turn } = open(64, true);
    want("greedy", 1000);
    await turn();
    expect(count("greedy")).toBe(32);
    for (const modest of ["a", "b", "c"]) want(modest, 1);
    await turn();
    expect(["a", "b", "c"].map(count)).toEqual([1, 1, 1]);
  });

  test("the server's own runs may take them all", async () => {
    const { want, count, turn } = open(64, true);
    want("", 64);
    await turn();
    expect(count("")).toBe(64);
  });

  test("payers who wait take turns; the wishes of each keep their order; each place is given once", async () => {
    const { want, count, giveBack, order, turn } = open(2, false);
    want("greedy", 100);
    await turn();
    want("modest", 2);
    for (let i = 0; i < 4; i++) {
      giveBack("greedy");
      await turn();
    }
    expect(order).toEqual(["greedy", "greedy", "greedy", "modest", "greedy", "modest"]);
    expect(count("greedy") + count("modest")).toBe(2);
  });

  test("all of an address who have not signed in hold sixteen contexts, a person thirty-two", async () => {
    const places = new Places(DEFAULT_LIMITS, undefined);
    const held = async (payer: string): Promise<number> => {
      let count = 0;
      for (let i = 0; i < 100; i++)
        void places
          .take("isolate", { payer }, () => true)
          .then((giveBack) => (count += giveBack === null ? 0 : 1));
      await new Promise(setImmediate);
      return count;
    };
    expect(await held(payerOf(null, "192.0.2.1"))).toBe(16);
    expect(await held("person a")).toBe(32);
    places.close();
  });
});
