import { cronJobs, makeFunctionReference } from "convex/server";
import { describe, expect, test } from "vitest";
import type { CronJson } from "../../../embedded/functions/types.ts";
import { parseCronSchedule } from "../../../embedded/scheduler/cronSchedule.ts";

const at = (iso: string): number => Date.parse(iso);
const run = makeFunctionReference<"mutation">("a:b");

/** The schedule of one cron as `crons.export()` writes it. */
function scheduleOf(define: (crons: ReturnType<typeof cronJobs>) => void) {
  const crons = cronJobs();
  define(crons);
  const exported = JSON.parse((crons as unknown as { export(): string }).export()) as Record<
    string,
    CronJson
  >;
  const [[name, { schedule }] = ["", { schedule: null }]] = Object.entries(exported);
  return parseCronSchedule(name, schedule);
}

describe("[E9.10] schedules of crons, in UTC", () => {
  const now = at("2026-11-20T10:17:30Z"); // a Friday

  test.each([
    ["hourly", scheduleOf((crons) => crons.hourly("c", { minuteUTC: 5 }, run)), "2026-11-20T11:05:00Z"],
    [
      "daily",
      scheduleOf((crons) => crons.daily("c", { hourUTC: 10, minuteUTC: 17 }, run)),
      "2026-11-21T10:17:00Z",
    ],
    [
      "weekly",
      scheduleOf((crons) => crons.weekly("c", { dayOfWeek: "sunday", hourUTC: 0, minuteUTC: 0 }, run)),
      "2026-11-22T00:00:00Z",
    ],
    [
      "monthly, on a day that not every month has",
      scheduleOf((crons) => crons.monthly("c", { day: 31, hourUTC: 1, minuteUTC: 2 }, run)),
      "2026-12-31T01:02:00Z",
    ],
    ["an expression", scheduleOf((crons) => crons.cron("c", "*/15 9-10 * * *", run)), "2026-11-20T10:30:00Z"],
    ["Sunday is 0", scheduleOf((crons) => crons.cron("c", "0 12 * * 0", run)), "2026-11-22T12:00:00Z"],
    ["Monday is 1", scheduleOf((crons) => crons.cron("c", "0 12 * * 1", run)), "2026-11-23T12:00:00Z"],
    [
      "a day of the month or of the week",
      scheduleOf((crons) => crons.cron("c", "0 0 1 * 6", run)),
      "2026-11-21T00:00:00Z",
    ],
  ])("%s", (_name, schedule, expected) => {
    expect(schedule.next(null, now)).toBe(at(expected));
    // Strictly later: an occurrence is not run twice.
    expect(schedule.next(at(expected), at(expected))).toBeGreaterThan(at(expected));
  });

  test("an interval begins at once and keeps its beat, also over beats that were missed", () => {
    const schedule = scheduleOf((crons) => crons.interval("c", { minutes: 10 }, run));
    expect(schedule.next(null, now)).toBe(now);
    expect(schedule.next(now, now)).toBe(now + 600_000);
    expect(schedule.next(now, now + 599_999)).toBe(now + 600_000);
    expect(schedule.next(now, now + 35 * 60_000)).toBe(now + 40 * 60_000);
  });

  test("where the minute is left open, each cron has one of its own and keeps it", () => {
    const minuteOf = (name: string): number =>
      new Date(parseCronSchedule(name, { type: "hourly" }).next(null, now)).getUTCMinutes();
    expect(minuteOf("a")).toBe(minuteOf("a"));
    expect(new Set(["a", "b", "c", "d", "e", "f"].map(minuteOf)).size).toBeGreaterThan(1);
  });

  test.each(["* * * *", "61 * * * *", "nonsense", "* * * * * *", ""])(
    "[E9.10] %j is refused, by name",
    (cron) => {
      expect(() => parseCronSchedule("my cron", { type: "cron", cron })).toThrow(
        `Cron "my cron": invalid cron expression "${cron}"`,
      );
    },
  );

  test("a date that never comes is refused", () => {
    expect(() => parseCronSchedule("never", { type: "cron", cron: "0 0 31 2 *" }).next(null, now)).toThrow(
      /never matches any time/,
    );
  });
});
