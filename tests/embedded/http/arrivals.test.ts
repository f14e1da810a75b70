import { expect, test } from "vitest";
import { Arrivals } from "../../../embedded/http/arrivals.ts";

const admitted = (arrivals: Arrivals, group: string, now: number): number =>
  Array.from({ length: 10_000 }, () => arrivals.admit(group, now)).filter(Boolean).length;

test("[E16.9] an address opens so many connections a second, five seconds' worth at once; others pay nothing for it", () => {
  const arrivals = new Arrivals(100);
  expect(admitted(arrivals, "a", 0)).toBe(500);
  expect(admitted(arrivals, "a", 1_000)).toBe(100);
  expect(admitted(arrivals, "b", 1_000)).toBe(500);
  expect(admitted(arrivals, "a", 60_000)).toBe(500);
});

test("[E16.9] the first connection is let in at whatever time", () => {
  // 3500.7 + 5000 - 3500.7 is more than 5000.
  expect(new Arrivals(1 / 5).admit("a", 3500.7)).toBe(true);
});

test("[E16.9] addresses that have paid are forgotten", () => {
  const arrivals = new Arrivals(100);
  for (let i = 0; i < 10_000; i++) arrivals.admit(`address ${i}`, i * 1_000);
  expect(arrivals["paidAt"].size).toBeLessThan(5_000);
});

test("[E16.9] who floods the server with small chunks opens a tenth as many", () => {
  const arrivals = new Arrivals(100);
  const opened = Array.from({ length: 10_000 }, () => arrivals.admit("a", 0, 10)).filter(Boolean).length;
  expect(opened).toBe(50);
});
