/**
 * The engine: the one place that runs functions against the database, groups their commits and tells
 * subscribers. The socket server, the HTTP API, actions, the scheduler and the test interface all call it.
 */
import type { Commit, Database, Transaction } from "../database/types.ts";
import type { ActionOutcome, FunctionCall, MutationOutcome, QueryOutcome } from "../functions/types.ts";

/** Runs around a mutation in its own transaction. What they write stays even if the function throws. */
export type MutationHooks = {
  /** Runs first. A non-null outcome is returned in place of running the function (a repeated request). */
  before?: (transaction: Transaction) => MutationOutcome | null;
  /** Runs after the function; if it threw, its own writes are already rolled back. */
  after?: (transaction: Transaction, outcome: MutationOutcome) => void;
};

export interface Engine {
  readonly database: Database;
  /** Runs at the newest durable timestamp, which is returned beside the outcome. */
  query(call: FunctionCall, journal?: string | null): Promise<QueryOutcome & { ts: bigint }>;
  /** Resolves when the effects are durable and visible to every query from `ts` on. */
  mutation(call: FunctionCall, hooks?: MutationHooks): Promise<MutationOutcome & { ts: bigint }>;
  action(call: FunctionCall): Promise<ActionOutcome>;
  /** A transaction of the backend itself. Resolves when durable. If `work` throws, nothing is written. */
  transact<T>(work: (transaction: Transaction) => T): Promise<T>;
  /** Called after each durable group of commits, before the promises of its mutations resolve. */
  onCommit(listener: (commits: readonly Commit[]) => void): () => void;
}
