/** One function running in one context: what it asks of the backend while it runs, and how it ended. */
import type { QueryCursor, Transaction } from "../database/types.ts";
import { drawRandomBytes } from "../randomBytes.ts";
import type { Execution } from "./execution.ts";
import { failureOfThrown, type Thrown } from "./failures.ts";
import { RunOverError, type IsolateRun } from "./isolateHost.ts";
import type { IsolateCall, LogLevel } from "./isolate/host.ts";
import type { CallingRun, RunServices } from "./callingRun.ts";
import { addLogLine } from "./logLines.ts";
import { splitPath } from "./references.ts";
import { answerSyscall } from "./syscalls.ts";
import type { FunctionAddress, FunctionFailure } from "./types.ts";

/** What `Math.random` starts from: four numbers of 32 bits. */
const SEED_BYTES = 16;

/** Milliseconds; finer clocks tell too much about the machine. As on Convex. */
const CLOCK_STEP_MS = 0.1;

export type RunEnd = { ok: true; resultJson: string } | { ok: false; error: FunctionFailure };

export class FunctionRun implements IsolateRun, CallingRun {
  readonly call: IsolateCall;
  /** Open queries by the id that the function knows them by. */
  readonly cursors = new Map<number, QueryCursor>();
  nextCursorId = 0;
  /** Where the page ended that this run read, if it read one. */
  nextJournal: string | null = null;
  ended: RunEnd | null = null;
  private readonly begunAt = performance.now();

  constructor(
    readonly execution: Execution,
    readonly transaction: Transaction,
    readonly services: RunServices,
    readonly address: FunctionAddress,
    readonly kind: "query" | "mutation",
    argsJson: string,
    readonly depth: number,
    readonly journal: string | null,
  ) {
    const [module, exportName] = splitPath(address.path);
    const seed = drawRandomBytes(SEED_BYTES);
    const view = new DataView(seed.buffer, seed.byteOffset);
    this.call = {
      module,
      exportName,
      kind,
      argsJson,
      now: execution.now,
      seed: [view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12)],
    };
  }

  syscall(op: string, argsJson: string): string {
    const { execution } = this;
    const { timeout } = execution;
    if (timeout !== null) throw new RunOverError(timeout);
    return execution.asSystem(() => answerSyscall(this, op, argsJson));
  }

  noteLoaded(): void {
    this.execution.discount(performance.now() - this.begunAt);
  }

  noteTimeRead(): void {
    this.execution.readTime = true;
  }

  /** `now_fixed` and `now_incrementing` in Convex's `crates/isolate/src/environment/helpers/performance.rs`. */
  elapsedMs(): number {
    if (this.kind === "query") return 0;
    return Math.floor((performance.now() - this.begunAt) / CLOCK_STEP_MS) * CLOCK_STEP_MS;
  }

  log(level: LogLevel, text: string): void {
    addLogLine(this.execution.logLines, level, text);
  }

  randomBytes(length: number): Uint8Array {
    return drawRandomBytes(length);
  }

  finish(resultJson: string): void {
    this.ended ??= { ok: true, resultJson };
  }

  fail(errorJson: string): void {
    this.ended ??= { ok: false, error: failureOfThrown(JSON.parse(errorJson) as Thrown) };
  }

  failUnhandled(errorJson: string): void {
    if (this.ended?.ok !== false) this.ended = null;
    this.fail(errorJson);
  }
}
