/** [E8.5] Whose time counts against the limits of a call. Loops that really run past them are in `world.test.ts`. */
import { afterEach, expect, test, vi } from "vitest";
import { cutOffAfter } from "../../../embedded/functions/cutOff.ts";
import { Execution } from "../../../embedded/functions/execution.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** Has a call take `elapsedMs`, in which the process had the processor for `processMs`. */
function timeoutAfter(elapsedMs: number, processMs: number, systemMs = 0): string | null {
  let now = 5_000;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  vi.spyOn(process, "cpuUsage").mockImplementation((before) => ({
    user: before === undefined ? 7_000_000 : processMs * 1_000,
    system: 0,
  }));
  const execution = new Execution(null);
  execution.asSystem(() => (now += systemMs));
  now += elapsedMs - systemMs;
  return execution.timeout;
}

test.each([
  ["of its own code: over after a second", 1_001, 1_001, 0, /timed out \(maximum duration: 1s\)/],
  ["of its own code: not over before", 1_000, 1_000, 0, null],
  ["in which a busy machine ran others is not its own", 30_000, 900, 0, null],
  ["of the database is not its code's", 1_500, 1_500, 600, null],
  ["of the database: over as well, later", 1_900, 1_900, 1_800, /too many system operations/],
  ["of the database, on a busy machine", 30_000, 1_700, 1_600, null],
])("time %s", (_name, elapsedMs, processMs, systemMs, expected) => {
  const timeout = timeoutAfter(elapsedMs, processMs, systemMs);
  if (expected === null) expect(timeout).toBeNull();
  else expect(timeout).toMatch(expected);
});

test.each([
  ["nothing else to do", 0, 2, 2_000],
  ["twice as much to do as it can", 4, 2, 2_000],
  ["six times as much to do as it can", 12, 2, 6_000],
  ["far more to do than it can", 400, 2, 10_000],
])(
  "a loop is cut off by the clock on the wall, on a machine with %s",
  (_name, load, processors, expected) => {
    expect(cutOffAfter(load, processors)).toBe(expected);
  },
);
