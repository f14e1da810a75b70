import type { Transaction } from "../database/types.ts";
import type { FunctionCall, MutationOutcome, QueryOutcome } from "../functions/types.ts";
import type { MutationHooks } from "./types.ts";

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
  | { kind: "transact"; work: (transaction: Transaction) => unknown; settle: Settle<unknown> }
  | HeldWork;

/** The one kind of work that is not done at once. */
export type HeldWork = {
  kind: "hold";
  work: (transaction: Transaction) => Promise<unknown>;
  settle: Settle<unknown>;
};

export type Settle<T> = { resolve: (value: T) => void; reject: (error: unknown) => void };
