/** The headings under which the sidebar shows chats, newest first. */
export type TimeGroup = "pinned" | "today" | "yesterday" | "week" | "month" | "older";

const DAY_MS = 24 * 60 * 60 * 1000;

function startOfDay(time: number): number {
  const day = new Date(time);
  day.setHours(0, 0, 0, 0);
  return day.getTime();
}

export function timeGroup(time: number, now: number): Exclude<TimeGroup, "pinned"> {
  const today = startOfDay(now);
  if (time >= today) return "today";
  // The day before today, also across a change of daylight saving time.
  if (time >= startOfDay(today - 1)) return "yesterday";
  if (time >= today - 7 * DAY_MS) return "week";
  return time >= today - 30 * DAY_MS ? "month" : "older";
}

/** Keeps the given order inside each group, and gives the groups in the order in which they first appear. */
export function groupByTime<T extends { pinned: boolean; time: number }>(
  chats: readonly T[],
  now: number,
): { group: TimeGroup; chats: T[] }[] {
  const groups = new Map<TimeGroup, T[]>();
  const pinned = chats.filter((chat) => chat.pinned);
  if (pinned.length > 0) groups.set("pinned", pinned);
  for (const chat of chats) {
    if (chat.pinned) continue;
    const group = timeGroup(chat.time, now);
    groups.set(group, [...(groups.get(group) ?? []), chat]);
  }
  return [...groups].map(([group, members]) => ({ group, chats: members }));
}
