import { expect, test } from "vitest";
import { measureDurability } from "./durability.ts";

const KILLS = 25;

test(
  `[E4, E5] kill -9 at ${KILLS} random moments of heavy writing: every acknowledged mutation is there exactly once`,
  async () => {
    const { acknowledged, lost, doubled } = await measureDurability(KILLS);
    expect({ lost, doubled }).toEqual({ lost: 0, doubled: 0 });
    // The rounds did meet writes.
    expect(acknowledged).toBeGreaterThan(KILLS * 10);
  },
  KILLS * 10_000,
);
