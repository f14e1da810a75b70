import type { Commit, Database, Transaction } from "../database/types.ts";
import { USER_TIMEOUT_MESSAGE } from "../functions/execution.ts";
import { requestIdOfLiveQuery } from "../functions/failures.ts";
import type { FunctionFailure, QueryOutcome } from "../functions/types.ts";
import type { WriteSource } from "./cloud/commitLog.ts";
import { BACKEND_SOURCE } from "./cloud/commitLog.ts";
import type { CommitResult } from "./cloud/optimisticMutations.ts";
import type { LiveQueryRegistry } from "./liveQueries.ts";
import type { LiveQuery } from "./liveQuery.ts";
import { logOutcome, nameRequest } from "./logOutcome.ts";
import { MutationRun } from "./mutationRun.ts";
import { failureOf, timedOut } from "./runFailures.ts";
import type { AttemptWork, CommitWork, HeldWork, JobParts, Settle, Work } from "./work.ts";

/**
 * A piece of work in three steps, because user code may be cut off at any point, and then not even `finally` runs:
 * only `run` (or in its place `cutOff`) is under the time limit; `finish` commits and arranges for whoever waits to be told.
 */
export type Job = { run: () => void; cutOff: () => void; finish: () => void };

/** What a group of jobs has committed, and whom to tell once that is durable. */
export type Group = {
  readonly commits: Commit[];
  readonly settlements: Settlement[];
  /** Told of each commit at once: the next job of the group is checked against it. */
  readonly onCommit: ((commit: Commit, source: WriteSource) => void) | null;
};

/** How to tell whoever waits: what came of it, or that it cannot be made durable. */
export type Settlement = { confirm: () => void; refuse: (error: Error) => void };

export function jobFor(work: Exclude<Work, HeldWork>, group: Group, parts: JobParts): Job {
  switch (work.kind) {
    case "query":
      return queryJob(work, group, parts);
    case "mutation":
      return mutationJob(work, group, parts);
    case "attempt":
      return attemptJob(work, group, parts);
    case "commit":
      return commitJob(work, group, parts);
    case "transact":
      return transactJob(work, group, parts);
    default:
      return work satisfies never;
  }
}

/** Brings one live query up to date. */
export function liveQueryJob(query: LiveQuery, registry: LiveQueryRegistry, parts: JobParts): Job {
  const transaction = parts.database.begin("query");
  let outcome: QueryOutcome;
  return {
    run: () => {
      outcome = runQuery(parts, query, transaction);
    },
    cutOff: () => {
      outcome = failedQuery(timedOut(), transaction);
    },
    finish: () => {
      parts.metrics.recordRun("queries", transaction.usage);
      const { call } = query;
      const requestIdOf = (failure: FunctionFailure): string => requestIdOfLiveQuery(call, failure);
      nameRequest(call, outcome, requestIdOf);
      logOutcome(parts.log, call, registry.complete(query, outcome), requestIdOf);
    },
  };
}

/** What a transaction of the backend itself came to. */
export type WorkOutcome = { ok: true; value: unknown } | { ok: false; error: unknown };

/** Commits a transaction of the backend itself, unless it failed. */
export function finishTransaction(
  group: Group,
  transaction: Transaction,
  database: Database,
  settle: Settle<unknown>,
  outcome: WorkOutcome,
): void {
  if (outcome.ok) commitInto(group, transaction, database, settle, () => outcome.value);
  else settleBy(group, settle, () => settle.reject(outcome.error));
}

/**
 * Commits into the group, and has `settle` told `value` when the group is durable. What the commit throws is the
 * engine's affair: half of it may be there, so that nothing can build on it.
 */
function commitInto<T>(
  group: Group,
  transaction: Transaction,
  database: Database,
  settle: Settle<T>,
  value: (ts: bigint) => T,
  source: WriteSource | null = null,
): void {
  let { ts } = database;
  settleBy(group, settle, () => settle.resolve(value(ts)));
  const commit = database.commit(transaction, source === null ? "serial" : "validated");
  if (commit === null) return;
  group.commits.push(commit);
  group.onCommit?.(commit, source ?? BACKEND_SOURCE);
  ts = commit.ts;
}

/** `confirm` is called when the group is durable. */
function settleBy(group: Group, { reject }: Pick<Settle<never>, "reject">, confirm: () => void): void {
  group.settlements.push({ confirm, refuse: reject });
}

function queryJob(work: Work & { kind: "query" }, group: Group, parts: JobParts): Job {
  const transaction = parts.database.begin("query");
  let outcome: QueryOutcome;
  return {
    run: () => {
      outcome = runQuery(parts, work, transaction);
    },
    cutOff: () => {
      outcome = failedQuery(timedOut(), transaction);
    },
    finish: () => {
      parts.metrics.recordRun("queries", transaction.usage);
      logOutcome(parts.log, work.call, outcome);
      const { ts } = parts.database;
      settleBy(group, work.settle, () => work.settle.resolve({ ...outcome, ts }));
    },
  };
}

/** Runs a mutation and commits it at once. */
function mutationJob(
  { call, hooks, settle }: Work & { kind: "mutation" },
  group: Group,
  parts: JobParts,
): Job {
  const mutation = new MutationRun(call, hooks, parts);
  return {
    run: () => mutation.run(),
    cutOff: () => mutation.cutOff(),
    finish: () => {
      const end = mutation.finish();
      if (end.kind === "hookThrew") {
        settleBy(group, settle, () => settle.reject(end.error));
        return;
      }
      const { outcome, transaction } = end;
      logOutcome(parts.log, call, outcome);
      commitInto(group, transaction, parts.database, settle, (ts) => ({ ...outcome, ts }));
    },
  };
}

/** Runs a mutation. Its commit is another job. */
function attemptJob({ call, hooks, settle }: AttemptWork, group: Group, parts: JobParts): Job {
  const mutation = new MutationRun(call, hooks, parts);
  return {
    run: () => mutation.run(),
    cutOff: () => mutation.cutOff(),
    finish: () => {
      const end = mutation.finishForLater();
      settleBy(group, settle, () => {
        if (end.kind === "hookThrew") settle.reject(end.error);
        else settle.resolve(end);
      });
    },
  };
}

function commitJob(
  { attempt, source, check, settle }: CommitWork,
  group: Group,
  { database }: JobParts,
): Job {
  return {
    run: () => {},
    cutOff: () => {},
    finish: () => {
      const conflict = check();
      if (conflict === null) {
        const { transaction } = attempt;
        const committed = (ts: bigint): CommitResult => ({ kind: "committed", ts });
        commitInto(group, transaction, database, settle, committed, source);
      } else {
        settleBy(group, settle, () => settle.resolve({ kind: "conflict", conflict }));
      }
    },
  };
}

function transactJob(
  { work, settle }: Work & { kind: "transact" },
  group: Group,
  { database }: JobParts,
): Job {
  const transaction = database.begin("mutation");
  let outcome: WorkOutcome;
  return {
    run: () => {
      try {
        outcome = { ok: true, value: work(transaction) };
      } catch (error) {
        outcome = { ok: false, error };
      }
    },
    cutOff: () => {
      outcome = { ok: false, error: new Error(USER_TIMEOUT_MESSAGE) };
    },
    finish: () => finishTransaction(group, transaction, database, settle, outcome),
  };
}

function runQuery(
  { runner, log }: JobParts,
  { call, journal }: Pick<LiveQuery, "call" | "journal">,
  transaction: Transaction,
): QueryOutcome {
  return failureOf(
    log,
    () => runner.runQuery(call, transaction, journal),
    (error) => failedQuery(error, transaction),
  );
}

function failedQuery(error: FunctionFailure, transaction: Transaction): QueryOutcome {
  // Whether it would have looked at the identity is not known.
  const readIdentity = true;
  return {
    result: { ok: false, error },
    logLines: [],
    readSet: transaction.readSet,
    readIdentity,
    readTime: false,
    journal: null,
  };
}
