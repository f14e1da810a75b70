import { describe, expect, test } from "vitest";
import { createGrouping, type TurnGroup } from "../../../src/chat/turnGroups.ts";
import type { Turn } from "../../../src/chat/turns.ts";

const turns = (from: number, to: number): Turn[] =>
  Array.from({ length: to - from }, (_, index) => ({
    key: `t${from + index}`,
    prompt: null,
    answer: null,
    entry: null,
  }));

const asMap = (groups: readonly TurnGroup[]) =>
  new Map(groups.flatMap((group) => group.turns.map((turn) => [turn.key, group.key] as const)));

const flat = (groups: readonly TurnGroup[]) => groups.flatMap((group) => group.turns.map(({ key }) => key));

describe("groups of turns", () => {
  test("every turn is in one group, in order, whatever the chat does", () => {
    const group = createGrouping();
    for (const now of [
      turns(50, 60),
      turns(35, 60),
      turns(35, 75),
      turns(0, 75),
      turns(0, 40),
      turns(90, 95),
    ]) {
      const groups = group(now);
      expect(flat(groups)).toEqual(now.map(({ key }) => key));
      expect(new Set(groups.map(({ key }) => key)).size).toBe(groups.length);
    }
  });

  test("a turn keeps its group while earlier pages and later turns come", () => {
    const group = createGrouping();
    const before = asMap(group(turns(50, 60)));
    const after = asMap(group(turns(20, 90)));
    for (const [turn, key] of before) expect(after.get(turn)).toBe(key);
  });

  test("groups stay small, so that one is rendered within a frame; the eighty turns of a window are some thirty", () => {
    const group = createGrouping();
    let groups = group(turns(70, 80));
    for (let from = 55; from >= 0; from -= 15) groups = group(turns(from, 80));
    groups = group(turns(0, 80));
    expect(groups.length).toBeLessThanOrEqual(33);
    expect(Math.max(...groups.map((each) => each.turns.length))).toBeLessThanOrEqual(3);
  });

  test("what comes in above or below is told from what was there, and from what takes its place", () => {
    const group = createGrouping();
    const later = (now: Turn[]) => group(now).flatMap((each) => (each.later ? each.turns : []));
    expect(later(turns(50, 60))).toEqual([]);
    expect(later(turns(35, 60))).toEqual(turns(35, 50));
    // The last group of what was there is filled first.
    expect(later(turns(50, 75))).toEqual(turns(60, 75).slice(2));
    // Another version of what followed, and another part of the chat: the reader looks at it.
    const other = turns(100, 110);
    expect(later([...turns(50, 60), ...other])).toEqual([]);
    expect(later(turns(0, 30))).toEqual([]);
  });

  test("another version in the middle leaves the groups before it alone", () => {
    const group = createGrouping();
    const all = turns(0, 24);
    const before = asMap(group(all));
    const other: Turn = { key: "other", prompt: null, answer: null, entry: null };
    const groups = group([...all.slice(0, 15), other]);
    expect(flat(groups).at(-1)).toBe("other");
    for (const turn of all.slice(0, 15)) expect(asMap(groups).get(turn.key)).toBe(before.get(turn.key));
  });
});
