import { readFileSync } from "node:fs";

const LIMIT = /^Max open files +(\d+)/m;

/**
 * How many files and sockets the system lets this process have open at once (`ulimit -n`; Node.js takes as many as it may). Infinite where it
 * does not say: on other systems than Linux.
 */
export function maxOpenFiles(limitsFile = "/proc/self/limits"): number {
  try {
    const [, count] = LIMIT.exec(readFileSync(limitsFile, "utf8")) ?? [];
    return count === undefined ? Infinity : Number(count);
  } catch {
    return Infinity;
  }
}
