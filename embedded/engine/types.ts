/**
 * The engine: the one place that runs functions against the database, groups their commits and tells
 * subscribers. The socket server, the HTTP API, actions, the scheduler and the test interface all call it.
 */
import type { Commit, Database, Transaction } from "../database/types.ts";
import type { ActionOutcome, FunctionCall, MutationOutcome, QueryOutcome } from "../functions/types.ts";
import type { ConflictReport } from "./cloud/conflictReport.ts";

/** Who has a mutation run. In cloud mode it decides how often one that lost against another is tried again (E20). */
export type MutationCaller = "client" | "nodeAction" | "scheduler" | "cron";

/**
 * Runs around a mutation in its own transaction. What they write stays even if the function throws: in cloud mode they
 * then run once more, both, on a new transaction.
 */
export type MutationHooks = {
  /** An action of the Convex runtime counts as a client; so does who is not named. */
  caller?: MutationCaller;
  /** Mutations of one lane run one after the other, each to its end, also in cloud mode. */
  lane?: object;
  /** Whose share of the engine's time it comes out of, if not the client's that the call serves: those of one payer keep their order. */
  payer?: string;
  /** When it is aborted nobody waits any more, and a mutation that has not begun is not run. */
  signal?: AbortSignal;
  /** Runs first. A non-null outcome is returned in place of running the function (a repeated request). */
  before?: (transaction: Transaction) => MutationOutcome | null;
  /** Runs after the function; if it threw, its own writes are already rolled back. */
  after?: (transaction: Transaction, outcome: MutationOutcome) => void;
};

/** What the engine needs of the function runtime. Both runs are synchronous and report failures as outcomes. */
export interface FunctionRunner {
  runQuery(call: FunctionCall, transaction: Transaction, journal: string | null): QueryOutcome;
  runMutation(call: FunctionCall, transaction: Transaction): MutationOutcome;
  /**
   * Runs the jobs one after the other under the time limit of user code. `onTerminated` is called with the place of a
   * job that was cut off; the jobs behind it run all the same.
   */
  guard(jobs: readonly (() => void)[], onTerminated: (index: number) => void): void;
}

/** One query of one observer. Equal subscriptions share one execution and one result. */
export interface Subscription {
  /** Asks for the result as of the observer's latest `deliver`. */
  read(): LiveResult;
  unsubscribe(): void;
}

/**
 * `text` is the result as `encodeResult` wrote it: the same string object for everyone who shares the result. `digest` is equal for equal
 * texts, for whoever wants to know later whether it has changed: the old text would be memory that is nobody's.
 */
export type LiveResult = { text: string; digest: string; journal: string | null };

/** Whoever watches a set of queries and moves with all of them from one timestamp to the next. */
export interface Observer {
  /** Whose share of a round its queries come out of. */
  readonly payer: string;
  /** Can it take a result now? One that cannot is passed over, and calls `schedule` when it can again. */
  readonly isReady: boolean;
  /** Every subscription holds its result as of `ts`. Those not in `changed` hold what they held at the last delivery. */
  deliver(ts: bigint, changed: ReadonlySet<Subscription>): void;
}

export interface LiveQueries {
  subscribe(call: FunctionCall, journal: string | null, observer: Observer): Subscription;
  /** Have `deliver` called soon, once all of the observer's queries are up to date. */
  schedule(observer: Observer): void;
}

export interface Engine {
  readonly database: Database;
  readonly liveQueries: LiveQueries;
  /** Resolves when the database could not be written: from then on everything is refused. */
  readonly failed: Promise<void>;
  /** Why nothing is accepted any more, or `null`. */
  readonly refusal: EngineClosedError | null;
  /**
   * Runs at the newest timestamp, which is returned beside the outcome. Resolves when that is durable. Rejects without having
   * run when `signal` is aborted before its turn.
   */
  query(
    call: FunctionCall,
    journal?: string | null,
    signal?: AbortSignal | null,
  ): Promise<QueryOutcome & { ts: bigint }>;
  /**
   * Queries of one client, one behind the other. Where there is no room in line for all of them none is run: the others' results would be
   * nobody's.
   */
  queries(
    calls: readonly FunctionCall[],
    signal?: AbortSignal | null,
  ): Promise<(QueryOutcome & { ts: bigint })[]>;
  /**
   * Resolves when the effects are durable and visible to every query from `ts` on. In cloud mode it rejects with a
   * `RefusalError` where Convex refuses.
   */
  mutation(call: FunctionCall, hooks?: MutationHooks): Promise<MutationOutcome & { ts: bigint }>;
  action(call: FunctionCall): Promise<ActionOutcome>;
  /** A transaction of the backend itself. Resolves when durable. If `work` throws, nothing is written. */
  transact<T>(work: (transaction: Transaction) => T): Promise<T>;
  /**
   * A mutation's transaction that stays open over awaits, while everything else waits in line. For the test interface, and
   * for imports, which may take longer than user code may: nothing else must wait for anything with a transaction open.
   */
  hold<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** Called after each durable group of commits, before the promises of its mutations resolve. */
  onCommit(listener: (commits: readonly Commit[]) => void): () => void;
  /**
   * Resolves when every commit so far is durable: what was read past the engine, by `database.begin`, may be shown to
   * others only then. Rejects when the database could not be written.
   */
  durable(): Promise<void>;
  /** What has conflicted since the start; `null` if this is not cloud mode. */
  conflicts(): ConflictReport | null;
  /** Runs every live query again: the functions themselves have changed. */
  invalidateAll(): void;
  /** Refuses new work, ends what is in line, and resolves when its commits are durable (E17). */
  close(): Promise<void>;
}

/**
 * Work that came after `close` or after the storage failed, and was not run; or work that the storage failed to make
 * durable, of which nobody can say before a restart whether it was.
 */
export class EngineClosedError extends Error {
  override name = "EngineClosedError";
}
