/** One timer that rings at the earliest time it was set to, by the clock that tests may replace. */
import { clock } from "../clock.ts";

/** Milliseconds; timers of JavaScript cannot be longer (2³¹ − 1). A later alarm is set again on the way. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface Alarm {
  /** Rings at `time` (milliseconds since the epoch) and at no other; `null` is never. */
  set(time: number | null): void;
}

export function createAlarm(ring: () => void): Alarm {
  let timer: ReturnType<typeof clock.setTimeout> | null = null;
  const set = (time: number | null): void => {
    if (timer !== null) clock.clearTimeout(timer);
    timer = null;
    if (time === null) return;
    const wait = Math.max(0, time - clock.now());
    timer = clock.setTimeout(
      () => {
        timer = null;
        if (wait > MAX_TIMER_MS) set(time);
        else ring();
      },
      Math.min(wait, MAX_TIMER_MS),
    );
  };
  return { set };
}
