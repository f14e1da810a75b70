/**
 * One call from outside and everything that it calls in turn: they share a clock, the log and the time limits. (And a
 * transaction, but for the queries that read a stale snapshot: see `run.ts`.)
 */
import { clock } from "../clock.ts";
import type { FunctionCall, Identity } from "./types.ts";

/** What a call's functions may ask about it. */
export type Caller = Pick<FunctionCall, "identityError" | "requestId" | "client" | "scheduledFunctionId">;

/** Milliseconds of user code; Convex's `DATABASE_UDF_USER_TIMEOUT`. */
export const USER_TIME_LIMIT_MS = 1000;
export const USER_TIMEOUT_MESSAGE = "Function execution timed out (maximum duration: 1s)";

/**
 * Milliseconds that a call may take in all. Convex gives the database's work 15 s more; here everybody else waits in
 * the meantime.
 */
const TOTAL_TIME_LIMIT_MS = 1800;
const SYSTEM_TIMEOUT_MESSAGE = "Your request timed out performing too many system operations.";

export class Execution {
  /** Milliseconds since the epoch, for `Date.now()` in all of its functions. */
  readonly now = clock.now();
  readonly logLines: string[] = [];
  readIdentity = false;
  readTime = false;
  private readonly startedAt = performance.now();
  private readonly cpuAtStart = process.cpuUsage();
  /** Milliseconds that syscalls of the outermost function took, nested functions' own code not included. */
  private systemMs = 0;
  private systemDepth = 0;
  private systemStartedAt = 0;

  constructor(
    readonly identity: Identity | null,
    readonly caller: Caller = {},
  ) {}

  /** Runs a syscall with the clock of user code stopped. */
  asSystem<T>(work: () => T): T {
    const resume = this.pauseUserTime();
    try {
      return work();
    } finally {
      resume();
    }
  }

  /** Runs the code of a nested function with the clock of user code going again. */
  asUser<T>(work: () => T): T {
    const depth = this.systemDepth;
    this.systemMs += performance.now() - this.systemStartedAt;
    this.systemDepth = 0;
    try {
      return work();
    } finally {
      this.systemDepth = depth;
      this.systemStartedAt = performance.now();
    }
  }

  /** Milliseconds of loading modules are not the function's own, and as Convex does not count them, so here. */
  discount(ms: number): void {
    this.systemMs += ms;
  }

  /** Milliseconds since the call began. */
  get totalMs(): number {
    return performance.now() - this.startedAt;
  }

  /** Milliseconds of user code so far. */
  get userMs(): number {
    return this.totalMs - this.systemMs;
  }

  /**
   * Why the call must end, if its time is up. Time for which a busy machine did not let this process run is not the function's, so the
   * process's own use of the processor has to be over the limit too.
   */
  get timeout(): string | null {
    const total = this.totalMs;
    if (total <= USER_TIME_LIMIT_MS) return null;
    const used = this.processMs;
    if (Math.min(total, used) - this.systemMs > USER_TIME_LIMIT_MS) return USER_TIMEOUT_MESSAGE;
    return Math.min(total, used) > TOTAL_TIME_LIMIT_MS ? SYSTEM_TIMEOUT_MESSAGE : null;
  }

  /** Milliseconds of processor time that all threads of this process have taken since the call began. */
  private get processMs(): number {
    const { user, system } = process.cpuUsage(this.cpuAtStart);
    return (user + system) / 1_000;
  }

  private pauseUserTime(): () => void {
    if (this.systemDepth === 0) this.systemStartedAt = performance.now();
    this.systemDepth += 1;
    return () => {
      this.systemDepth -= 1;
      if (this.systemDepth === 0) this.systemMs += performance.now() - this.systemStartedAt;
    };
  }
}
