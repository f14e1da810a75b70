import { expect, test } from "vitest";
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
