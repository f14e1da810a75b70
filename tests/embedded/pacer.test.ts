import { expect, onTestFinished, test, vi } from "vitest";
import { PacedLine } from "../../embedded/pacedLine.ts";
import { SERVER } from "../../embedded/functions/client.ts";
import { Pacer } from "../../embedded/pacer.ts";

test("[E16.12] whoever has used more than a burst is read on later, four times as long as it was over; others are not", () => {
  const pacer = new Pacer();
  expect(pacer.waitMs("person a")).toBe(0);
  pacer.charge("person a", 40);
  expect(pacer.waitMs("person a")).toBe(0);
  pacer.charge("person a", 110);
  // What has been paid off meanwhile is less.
  expect(pacer.waitMs("person a")).toBeLessThanOrEqual(400);
  expect(pacer.waitMs("person a")).toBeGreaterThan(0);
  pacer.charge("person a", 100_000);
  expect(pacer.waitMs("person a")).toBe(2_000);
  expect(pacer.waitMs("person b")).toBe(0);
  pacer.charge(SERVER, 100_000);
  expect(pacer.waitMs(SERVER)).toBe(0);
});

test("[E16.12] of many who use much each has its part of half the thread, and one who uses little waits for nobody", () => {
  let now = 0;
  const pacer = new Pacer(undefined, () => now);
  const flood = (): number => {
    for (let i = 0; i < 20; i++) pacer.charge(`address ${i}`, 60);
    return pacer.waitMs("address 0");
  };
  // 10 ms over the burst, at a quarter of the thread.
  expect(flood()).toBe(40);
  now = 1_000;
  // A fortieth, once it is known how many there are: 25 of the 60 ms are paid off, and 45 of 95 are over.
  pacer.charge("address 0", 60);
  expect(pacer.waitMs("address 0")).toBe(1_800);
  pacer.charge("a page", 15);
  expect(pacer.waitMs("a page")).toBe(0);
  now = 60_000;
  expect(flood()).toBe(40);
});

test("[E16.12] what waited is begun in slices, payers by turns, each after what the one before does at once", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  let now = 0;
  const line = new PacedLine(undefined, () => now);
  const begun: string[] = [];
  /** Takes 2 ms, some of it in promises. */
  const want = async (payer: string): Promise<void> => {
    await line.after(payer, 100);
    now++;
    await Promise.resolve();
    now++;
    begun.push(payer);
  };
  for (let i = 0; i < 20; i++) void want("greedy");
  void want("modest");
  vi.advanceTimersByTime(100);
  expect(begun).toEqual([]);
  const slices: number[] = [];
  for (let before = 0; begun.length < 21; before = begun.length) {
    await new Promise((resolve) => setImmediate(resolve));
    slices.push(begun.length - before);
  }
  // The third begins after 4 ms of 5.
  expect(Math.max(...slices)).toBe(3);
  expect(begun[1]).toBe("modest");
});
