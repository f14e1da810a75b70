/** The last executions of functions, for `convex logs` and `convex dev`. */
import { randomUUID } from "node:crypto";
import type { JSONValue } from "convex/values";
import { clock } from "../clock.ts";
import type { FunctionAddress, FunctionResult } from "../functions/types.ts";

/** Executions that are kept; who asks for older ones gets what is there. */
const MAX_ENTRIES = 1000;
/** UTF-16 code units of log lines that are kept: one function may log 8 MiB. */
const MAX_LENGTH = 16 * 1024 * 1024;
/** Milliseconds after which a poll is answered although nothing has happened; Convex's own. */
const POLL_MS = 60_000;

const LINE = /^\[(LOG|DEBUG|INFO|WARN|ERROR)\] (.*)$/s;
const TRUNCATED = " (truncated due to length)";

export type Execution = {
  kind: "Query" | "Mutation" | "Action";
  address: FunctionAddress;
  logLines: readonly string[];
  result: FunctionResult;
  /** Milliseconds that it took. */
  durationMs: number;
};

/** As `GET /api/stream_function_logs` answers it. */
export type LogPage = { entries: JSONValue[]; newCursor: number };

type Entry = { cursor: number; json: JSONValue; length: number };

export class FunctionLog {
  private readonly entries: Entry[] = [];
  private length = 0;
  private lastCursor = clock.now();
  private readonly waiting = new Set<() => void>();

  record(execution: Execution): void {
    // Cursors are times: the CLI's first poll, from 0, gets all that is kept.
    this.lastCursor = Math.max(clock.now(), this.lastCursor + 1);
    const json = toJson(execution, clock.now());
    const length = execution.logLines.reduce((sum, line) => sum + line.length, 0);
    this.entries.push({ cursor: this.lastCursor, json, length });
    this.length += length;
    while (this.entries.length > MAX_ENTRIES || this.length > MAX_LENGTH) {
      this.length -= this.entries.shift()?.length ?? 0;
    }
    for (const wake of [...this.waiting]) wake();
  }

  /** What came after `cursor`; waits for it, for at most a minute or until `signal` says that nobody wants it any more. */
  async after(cursor: number, signal: AbortSignal): Promise<LogPage> {
    // The head of the log is an answer, too: who begins to watch waits from there on.
    if (cursor < this.lastCursor) return this.pageAfter(cursor);
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, POLL_MS);
      this.waiting.add(done);
      signal.addEventListener("abort", done);
      if (signal.aborted) done();
    });
    return this.pageAfter(cursor);
  }

  /** Answers all who wait, at once. */
  close(): void {
    for (const wake of [...this.waiting]) wake();
  }

  private pageAfter(after: number): LogPage {
    const entries = this.entries.filter(({ cursor }) => cursor > after).map(({ json }) => json);
    return { entries, newCursor: Math.max(after, this.lastCursor) };
  }
}

/** The form of convex-backend's `FunctionExecutionJson::Completion`. What is not measured here is 0. */
function toJson({ kind, address, logLines, result, durationMs }: Execution, endedAt: number): JSONValue {
  const requestId = randomUUID().replaceAll("-", "").slice(0, 16);
  return {
    kind: "Completion",
    udfType: kind,
    ...(address.component !== "" && { componentPath: address.component }),
    identifier: address.path,
    logLines: logLines.map((line) => structured(line, endedAt)),
    timestamp: endedAt / 1000,
    cachedResult: false,
    executionTime: durationMs / 1000,
    success: null,
    error: result.ok ? null : result.error.message.trimEnd(),
    requestId,
    caller: "SyncWorker",
    executionId: randomUUID(),
    usageStats: {},
    returnBytes: null,
    occInfo: null,
    willRetry: false,
    executionTimestamp: (endedAt - durationMs) / 1000,
    identityType: "unknown",
    environment: "isolate",
  };
}

function structured(line: string, timestamp: number): JSONValue {
  const [, level = "LOG", text = line] = LINE.exec(line) ?? [];
  const isTruncated = text.endsWith(TRUNCATED);
  return {
    messages: [isTruncated ? text.slice(0, -TRUNCATED.length) : text],
    level,
    timestamp,
    isTruncated,
    systemMetadata: null,
  };
}
