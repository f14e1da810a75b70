import type { Commit, Database, Transaction } from "../database/types.ts";
import { USER_TIMEOUT_MESSAGE } from "../functions/execution.ts";
import { failureOfMessage, newRequestId, requestIdOfLiveQuery } from "../functions/failures.ts";
import { UserError } from "../functions/types.ts";
import type { FunctionCall, FunctionFailure, MutationOutcome, QueryOutcome } from "../functions/types.ts";
import type { Log } from "../log.ts";
import type { LiveQueryRegistry } from "./liveQueries.ts";
import type { LiveQuery } from "./liveQuery.ts";
import type { MetricsCounter } from "./metrics.ts";
import type { FunctionRunner } from "./types.ts";
import type { HeldWork, Settle, Work } from "./work.ts";

/** Of user code that was cut off. */
const TIMED_OUT = failureOfMessage(USER_TIMEOUT_MESSAGE);

/** Convex's words for a defect of the backend. The cause is in the log, not at the client. */
const INTERNAL_ERROR = failureOfMessage("Your request couldn't be completed. Try again later.");

/**
 * A piece of work in three steps, because user code may be cut off at any point, and then not even `finally` runs:
 * only `run` (or in its place `cutOff`) is under the time limit; `finish` commits and arranges for whoever waits to be told.
 */
export type Job = { run: () => void; cutOff: () => void; finish: () => void };

/** What a group of jobs has committed, and whom to tell once that is durable. */
export type Group = { commits: Commit[]; settlements: Settlement[] };

/** How to tell whoever waits: what came of it, or that it cannot be made durable. */
export type Settlement = { confirm: () => void; refuse: (error: Error) => void };

type Parts = { database: Database; runner: FunctionRunner; metrics: MetricsCounter; log: Log };

export function jobFor(work: Exclude<Work, HeldWork>, group: Group, parts: Parts): Job {
  switch (work.kind) {
    case "query":
      return queryJob(work, group, parts);
    case "mutation":
      return mutationJob(work, group, parts);
    case "transact":
      return transactJob(work, group, parts);
    default:
      return work satisfies never;
  }
}

/** Brings one live query up to date. */
export function liveQueryJob(query: LiveQuery, registry: LiveQueryRegistry, parts: Parts): Job {
  const transaction = parts.database.begin("query");
  let outcome: QueryOutcome;
  return {
    run: () => {
      outcome = runQuery(parts, query, transaction);
    },
    cutOff: () => {
      outcome = failedQuery(TIMED_OUT, transaction);
    },
    finish: () => {
      parts.metrics.recordRun("queries", transaction.usage);
      const { call } = query;
      logOutcome(parts.log, call, outcome, (failure) => requestIdOfLiveQuery(call, failure));
      registry.complete(query, outcome);
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
): void {
  let { ts } = database;
  settleBy(group, settle, () => settle.resolve(value(ts)));
  const commit = database.commit(transaction);
  if (commit === null) return;
  group.commits.push(commit);
  ts = commit.ts;
}

/** `confirm` is called when the group is durable. */
function settleBy(group: Group, { reject }: Pick<Settle<never>, "reject">, confirm: () => void): void {
  group.settlements.push({ confirm, refuse: reject });
}

function queryJob(work: Work & { kind: "query" }, group: Group, parts: Parts): Job {
  const transaction = parts.database.begin("query");
  let outcome: QueryOutcome;
  return {
    run: () => {
      outcome = runQuery(parts, work, transaction);
    },
    cutOff: () => {
      outcome = failedQuery(TIMED_OUT, transaction);
    },
    finish: () => {
      parts.metrics.recordRun("queries", transaction.usage);
      logOutcome(parts.log, work.call, outcome);
      const { ts } = parts.database;
      settleBy(group, work.settle, () => work.settle.resolve({ ...outcome, ts }));
    },
  };
}

function mutationJob({ call, hooks, settle }: Work & { kind: "mutation" }, group: Group, parts: Parts): Job {
  const { database, runner, metrics, log } = parts;
  let transaction = database.begin("mutation");
  let ended: { kind: "ran" | "repeated"; outcome: MutationOutcome } | { kind: "hookThrew"; error: unknown };
  return {
    run: () => {
      try {
        const earlier = hooks.before?.(transaction) ?? null;
        if (earlier !== null) {
          ended = { kind: "repeated", outcome: earlier };
          return;
        }
      } catch (error) {
        ended = { kind: "hookThrew", error };
        return;
      }
      const beforeCall = transaction.savepoint();
      const outcome = failureOf(log, () => runner.runMutation(call, transaction), failedMutation);
      if (!outcome.result.ok) transaction.rollbackTo(beforeCall);
      ended = { kind: "ran", outcome };
    },
    cutOff: () => {
      // Whatever the transaction was in the middle of, it is not to be used again.
      transaction = database.begin("mutation");
      ended = { kind: "ran", outcome: failedMutation(TIMED_OUT) };
    },
    finish: () => {
      try {
        if (ended.kind === "hookThrew") throw ended.error;
        if (ended.kind === "ran") {
          metrics.recordRun("mutations", transaction.usage);
          logOutcome(log, call, ended.outcome);
          hooks.after?.(transaction, ended.outcome);
        }
      } catch (error) {
        settleBy(group, settle, () => settle.reject(error));
        return;
      }
      const { outcome } = ended;
      commitInto(group, transaction, database, settle, (ts) => ({ ...outcome, ts }));
    },
  };
}

function transactJob({ work, settle }: Work & { kind: "transact" }, group: Group, { database }: Parts): Job {
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

/** Logs what a function said, and with what it failed; names the request in the failure. */
export function logOutcome(
  log: Log,
  call: FunctionCall,
  { result, logLines }: MutationOutcome,
  requestIdOf: (failure: FunctionFailure) => string = newRequestId,
): void {
  for (const line of logLines) log.functionLine(call.address.path, line);
  if (result.ok) return;
  result.error.requestId = call.requestId ?? requestIdOf(result.error);
  log.functionFailed(call, result.error);
}

function runQuery(
  { runner, log }: Parts,
  { call, journal }: Pick<LiveQuery, "call" | "journal">,
  transaction: Transaction,
): QueryOutcome {
  return failureOf(
    log,
    () => runner.runQuery(call, transaction, journal),
    (error) => failedQuery(error, transaction),
  );
}

/** The runner reports what functions throw as outcomes; what it throws itself is a refusal, or else a defect. */
function failureOf<T>(log: Log, run: () => T, fail: (error: FunctionFailure) => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof UserError) return fail(failureOfMessage(error.message));
    log.error("ENGINE", "A function run failed in the backend itself", error);
    return fail(INTERNAL_ERROR);
  }
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

function failedMutation(error: FunctionFailure): MutationOutcome {
  return { result: { ok: false, error }, logLines: [] };
}
