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

  test("groups stay small, so that thousands of messages are hundreds of groups", () => {
    const group = createGrouping();
    let from = 5_000;
    let groups = group(turns(from - 10, 5_000));
    while (from > 0) groups = group(turns((from -= 25), 5_000));
    expect(groups.length).toBeLessThan(1_100);
    expect(Math.max(...groups.map((each) => each.turns.length))).toBeLessThanOrEqual(6);
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
