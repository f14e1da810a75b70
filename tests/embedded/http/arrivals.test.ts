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

test("[E16.9] of many addresses that open many each opens its part of what two may, and one that opens few opens them", () => {
  const arrivals = new Arrivals(100);
  const addresses = Array.from({ length: 20 }, (_, i) => `address ${i}`);
  const all = (now: number): number[] => addresses.map((address) => admitted(arrivals, address, now));
  expect(all(0)).toEqual(Array(20).fill(500));
  // Ten a second each from the next window on. What they had opened at once is paid for by then.
  expect(all(60_000)).toEqual(Array(20).fill(50));
  expect(all(61_000)).toEqual(Array(20).fill(10));
  expect(Array.from({ length: 10 }, () => arrivals.admit("a page", 61_000))).toEqual(Array(10).fill(true));
  // Who is left alone with one other opens as many as ever.
  admitted(arrivals, "a", 120_000);
  expect(admitted(arrivals, "a", 180_000)).toBe(500);
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
