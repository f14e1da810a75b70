import { describe, expect, test } from "vitest";
import { groupByTime, timeGroup } from "../../../src/sidebar/groupByTime.ts";
import { endedSince } from "../../../src/sidebar/useEndNotices.ts";
import type { Chat } from "../../../src/sidebar/types.ts";

const NOW = new Date(2026, 10, 20, 9, 0).getTime();
const ago = (days: number) => new Date(2026, 10, 20 - days, 12, 0).getTime();

describe("chats by time", () => {
  test.each([
    [0, "today"],
    [1, "yesterday"],
    [3, "week"],
    [20, "month"],
    [80, "older"],
  ] as const)("%i days ago is %s", (days, group) => {
    expect(timeGroup(ago(days), NOW)).toBe(group);
  });

  test("pinned chats come first and only there; the order within a group stays", () => {
    const chats = [
      { id: 1, pinned: false, time: ago(0) },
      { id: 2, pinned: true, time: ago(80) },
      { id: 3, pinned: false, time: ago(0) - 1 },
    ];
    const groups = groupByTime(chats, NOW).map(({ group, chats: rows }) => [
      group,
      rows.map((row) => row.id),
    ]);
    expect(groups).toEqual([
      ["pinned", [2]],
      ["today", [1, 3]],
    ]);
  });
});

describe("answers that ended elsewhere", () => {
  const chat = (id: string, status: Chat["status"]) => ({ _id: id as Chat["_id"], status });

  test("running → not running is an end; a chat seen for the first time is none", () => {
    const before = new Map<string, Chat["status"]>([
      ["a", "RUNNING"],
      ["b", "RUNNING"],
      ["c", "IDLE"],
    ]);
    const now = [chat("a", "IDLE"), chat("b", "RUNNING"), chat("c", "IDLE"), chat("d", "FAILED")];
    expect(endedSince(before, now).map(({ _id }) => _id)).toEqual(["a"]);
  });
});
