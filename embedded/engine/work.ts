import type { Database, Transaction } from "../database/types.ts";
import type { FunctionCall, MutationOutcome, QueryOutcome } from "../functions/types.ts";
import type { Log } from "../log.ts";
import type { Conflict, WriteSource } from "./cloud/commitLog.ts";
import type { Attempt, CommitResult } from "./cloud/optimisticMutations.ts";
import type { MetricsCounter } from "./metrics.ts";
import type { FunctionRunner, MutationHooks } from "./types.ts";

/** What running it needs of the engine. */
export type JobParts = { database: Database; runner: FunctionRunner; metrics: MetricsCounter; log: Log };

/** One entry of the engine's line: what to run, and how to tell whoever waits. */
export type Work =
  | {
      kind: "query";
      call: FunctionCall;
      journal: string | null;
      /** When it is aborted nobody waits any more, and a query that has not begun is not run. */
      signal: AbortSignal | null;
      settle: Settle<QueryOutcome & { ts: bigint }>;
    }
  | {
      kind: "mutation";
      call: FunctionCall;
      hooks: MutationHooks;
      settle: Settle<MutationOutcome & { ts: bigint }>;
    }
  | AttemptWork
  | CommitWork
  | { kind: "transact"; work: (transaction: Transaction) => unknown; settle: Settle<unknown> }
  | HeldWork;

/** A mutation's run, without its commit (`cloud/`). */
export type AttemptWork = {
  kind: "attempt";
  call: FunctionCall;
  hooks: MutationHooks;
  settle: Settle<Attempt>;
};

/** The commit of a mutation that has run. */
export type CommitWork = {
  kind: "commit";
  attempt: Attempt;
  source: WriteSource;
  check: () => Conflict | null;
  settle: Settle<CommitResult>;
};

/** The one kind of work that is not done at once. */
export type HeldWork = {
  kind: "hold";
  work: (transaction: Transaction) => Promise<unknown>;
  settle: Settle<unknown>;
};

export type Settle<T> = { resolve: (value: T) => void; reject: (error: unknown) => void };
