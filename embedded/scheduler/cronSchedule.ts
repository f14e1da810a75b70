/** When a cron of `crons.ts` runs. All times are UTC, milliseconds since the epoch. */
import { createHash } from "node:crypto";
import { Cron } from "croner";
import type { JSONValue } from "convex/values";
import { UserError } from "../functions/types.ts";

/** A schedule as `crons.export()` gives it (`convex/src/server/cron.ts`). */
type ScheduleJson =
  | { type: "cron"; cron: string }
  | { type: "interval"; seconds?: number; minutes?: number; hours?: number }
  | { type: "hourly"; minuteUTC?: number }
  | { type: "daily"; hourUTC: number; minuteUTC?: number }
  | { type: "weekly"; dayOfWeek: string; hourUTC: number; minuteUTC?: number }
  | { type: "monthly"; day: number; hourUTC: number; minuteUTC?: number };

const DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const SECOND_MS = 1000;

export interface CronSchedule {
  /**
   * The first time after `now` at which it runs; `last` is when it was last due, or `null` if it never was. An interval
   * that is new runs at once.
   */
  next(last: number | null, now: number): number;
}

/** Throws a `UserError` if no such schedule exists. `identifier` is the cron's name in `crons.ts`. */
export function parseCronSchedule(identifier: string, json: JSONValue): CronSchedule {
  const schedule = json as ScheduleJson;
  switch (schedule.type) {
    case "interval": {
      const { seconds = 0, minutes = 0, hours = 0 } = schedule;
      return intervalOf((seconds + 60 * (minutes + 60 * hours)) * SECOND_MS);
    }
    case "hourly":
      return expression(identifier, `${minuteOf(identifier, schedule)} * * * *`);
    case "daily":
      return expression(identifier, `${minuteOf(identifier, schedule)} ${schedule.hourUTC} * * *`);
    case "weekly": {
      const day = DAYS.indexOf(schedule.dayOfWeek);
      return expression(identifier, `${minuteOf(identifier, schedule)} ${schedule.hourUTC} * * ${day}`);
    }
    case "monthly":
      return expression(
        identifier,
        `${minuteOf(identifier, schedule)} ${schedule.hourUTC} ${schedule.day} * *`,
      );
    case "cron":
      return expression(identifier, schedule.cron);
    default:
      schedule satisfies never;
      throw new UserError(`Cron "${identifier}" has a schedule of an unknown type: ${JSON.stringify(json)}`);
  }
}

function intervalOf(periodMs: number): CronSchedule {
  return {
    next(last, now) {
      if (last === null) return now;
      // On its own beat, also when some beats were missed.
      return last + Math.max(1, Math.floor((now - last) / periodMs) + 1) * periodMs;
    },
  };
}

function expression(identifier: string, pattern: string): CronSchedule {
  let cron: Cron;
  try {
    cron = new Cron(pattern, { mode: "5-part", timezone: "UTC", paused: true });
  } catch (error) {
    throw new UserError(`Cron "${identifier}": invalid cron expression "${pattern}": ${String(error)}`);
  }
  return {
    next(_last, now) {
      const next = cron.nextRun(new Date(now));
      if (next === null) throw new UserError(`Cron "${identifier}": "${pattern}" never matches any time`);
      return next.getTime();
    },
  };
}

/** Where the app leaves the minute open, each cron has one of its own, so that not all run on the hour. */
function minuteOf(identifier: string, { minuteUTC }: { minuteUTC?: number }): number {
  return minuteUTC ?? createHash("sha256").update(identifier).digest().readUInt16BE(0) % 60;
}
