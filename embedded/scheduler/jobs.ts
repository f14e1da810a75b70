/**
 * Scheduled functions, as pure functions over a transaction: whoever schedules, cancels, starts or ends a
 * job does it in the same transaction as everything else that must happen with it. When jobs run is decided
 * in `scheduler.ts`.
 *
 *   pending ──► inProgress ──► success | failed
 *      └────────────┴────────► canceled
 *
 * A job is two rows. `_scheduled_functions`, in the component that scheduled it, is the document that its
 * functions see. `_scheduled_jobs`, in the root only, is its place in the queue: one index finds the next job
 * of all components, and the documents hold nothing that Convex would not show.
 */
import { getConvexSize, jsonToConvex, type JSONValue } from "convex/values";
import { clock } from "../clock.ts";
import type { ComponentPath, SystemAccess, Transaction } from "../database/types.ts";
import { UserError, type FunctionAddress, type FunctionFailure } from "../functions/types.ts";

const JOB_TABLE = "_scheduled_functions";
const JOB_QUEUE_TABLE = "_scheduled_jobs";

/** Seconds. A time further away than five years is refused: it is a mistaken unit, not a plan. */
const MAX_DISTANCE_S = 5 * 366 * 24 * 3600;

/** The `state` of a job as its functions see it. */
export type JobState =
  | { kind: "pending" }
  | { kind: "inProgress" }
  | { kind: "success" }
  | { kind: "failed"; error: string }
  | { kind: "canceled" };

/** Which index range of the queue a job is in. `time` beside it is when it is due, started or ended. */
type QueuePhase = "pending" | "running" | "finished";

/** A job's place in the queue. `component` is where it was scheduled: there its document lives. */
export type Job = {
  component: ComponentPath;
  id: string;
  address: FunctionAddress;
  /** Milliseconds since the epoch: when it is due, started or ended, as its phase says. */
  time: number;
};

export type JobRequest = {
  address: FunctionAddress;
  /** The one arguments object, in Convex's JSON encoding. */
  args: JSONValue;
  /** When it shall run: seconds since the epoch, as the `1.0/schedule` syscall has it. */
  ts: number;
};

/** How many jobs a transaction has scheduled, how many bytes their arguments have, and those of the largest one. */
export type ScheduledSize = { jobs: number; argsBytes: number; maxArgsBytes: number };

/** What each open transaction has scheduled so far, and the job that it runs for, if it does. */
const scheduledSizes = new WeakMap<Transaction, ScheduledSize>();
const jobsRunning = new WeakMap<Transaction, JobKey>();

/** Where a job's document is. */
export type JobKey = Pick<Job, "component" | "id">;

/**
 * Schedules a function and returns the id of its document in `component`, the caller's own. What a canceled job
 * schedules is canceled too, as on Convex (`SchedulerModel::schedule` in its `crates/model/src/scheduled_jobs/mod.rs`);
 * `parent` is the job that the caller runs for, if it is not the transaction's.
 */
export function scheduleJob(
  tx: Transaction,
  component: ComponentPath,
  request: JobRequest,
  parent: JobKey | undefined = jobsRunning.get(tx),
): string {
  const now = clock.now();
  checkTime(request.ts, now);
  countTowardsLimits(tx, request.args);
  // Microseconds: what a double of seconds still holds. Rounding undoes what dividing by 1000 added.
  const scheduledTime = Math.round(request.ts * 1e6) / 1e3;
  const id = tx.system.insert(component, JOB_TABLE, {
    name: nameOf(request.address),
    args: [request.args],
    scheduledTime,
    state: { kind: "pending" },
  });
  tx.system.insert("", JOB_QUEUE_TABLE, {
    component,
    jobId: id,
    target: { component: request.address.component, path: request.address.path },
    phase: "pending",
    // Never before now: what is scheduled for the past waits behind what was already due.
    time: Math.max(scheduledTime, now),
  });
  const isCanceled =
    parent !== undefined && stateOf(tx.system, parent.component, parent.id)?.kind === "canceled";
  if (isCanceled) endJob(tx, component, id, { kind: "canceled" });
  return id;
}

/**
 * Cancels a job that has not ended; one that has ended, or is gone, stays as it is. A running action is not
 * interrupted, but its job stays `canceled`; so does that of a mutation that cancels itself, whose writes are kept.
 */
export function cancelJob(tx: Transaction, component: ComponentPath, id: string): void {
  const jobId = tx.normalizeId(component, JOB_TABLE, id);
  if (jobId === null) {
    throw new UserError(
      `Invalid scheduled function ID. The ID must be an ID on the '${JOB_TABLE}' table.`,
      "InvalidArgument",
    );
  }
  endJob(tx, component, jobId, { kind: "canceled" });
}

/** Moves a job from pending to in progress. `false` if it was canceled, ended or started meanwhile. */
export function startJob(tx: Transaction, job: Job): boolean {
  if (stateOf(tx.system, job.component, job.id)?.kind !== "pending") return false;
  tx.system.patch(job.component, job.id, { state: { kind: "inProgress" } });
  moveInQueue(tx.system, job.component, job.id, "running", clock.now());
  jobsRunning.set(tx, { component: job.component, id: job.id });
  return true;
}

/** Ends a job that is in progress. One that was canceled meanwhile stays canceled. */
export function finishJob(
  tx: Transaction,
  job: Pick<Job, "component" | "id">,
  error: FunctionFailure | null,
): void {
  const state: JobState = error === null ? { kind: "success" } : { kind: "failed", error: error.message };
  endJob(tx, job.component, job.id, state);
}

/** Pending jobs, those that are due first in front. */
export function pendingJobs(system: SystemAccess, limit: number): Job[] {
  return system.query("", JOB_QUEUE_TABLE, "by_phase_time", ["pending"], { limit }).map(toJob);
}

/** The one arguments object of a job, in Convex's JSON encoding. */
export function argsOf(system: SystemAccess, { component, id }: Job): JSONValue {
  const [args = {}] = (system.get(component, id)?.["args"] as JSONValue[] | undefined) ?? [];
  return args;
}

/** Jobs in progress: after a restart, those that the last process left behind. */
export function runningJobs(system: SystemAccess, limit: number): Job[] {
  return system.query("", JOB_QUEUE_TABLE, "by_phase_time", ["running"], { limit }).map(toJob);
}

/** Deletes jobs that ended before `time` (milliseconds since the epoch), the oldest first; returns how many. */
export function deleteFinishedJobs(system: SystemAccess, time: number, limit: number): number {
  const rows = system.query("", JOB_QUEUE_TABLE, "by_phase_time", ["finished"], { limit, upTo: time });
  for (const row of rows) {
    const { component, id } = toJob(row);
    system.delete(component, id);
    system.delete("", row["_id"] as string);
  }
  return rows.length;
}

function checkTime(ts: number, now: number): void {
  const distance = ts - now / 1000;
  if (!Number.isFinite(ts)) {
    throw new UserError(
      "The time of a scheduled function must be a finite number",
      "InvalidScheduledFunctionDelay",
    );
  }
  if (distance > MAX_DISTANCE_S) {
    throw new UserError(
      `The time of a scheduled function is more than 5 years in the future: ${ts} seconds since the epoch`,
      "InvalidScheduledFunctionDelay",
    );
  }
  if (distance < -MAX_DISTANCE_S) {
    throw new UserError(
      `The time of a scheduled function is more than 5 years in the past: ${ts} seconds since the epoch`,
      "InvalidScheduledFunctionDelay",
    );
  }
}

export function scheduledSizeOf(tx: Transaction): ScheduledSize {
  return scheduledSizes.get(tx) ?? { jobs: 0, argsBytes: 0, maxArgsBytes: 0 };
}

function countTowardsLimits(tx: Transaction, args: JSONValue): void {
  const size = scheduledSizeOf(tx);
  const { functionsScheduled, scheduledArgsBytes } = tx.limits;
  if (size.jobs >= functionsScheduled) {
    throw new UserError(
      `Too many functions scheduled by this mutation (limit: ${functionsScheduled})`,
      "TooManyFunctionsScheduled",
    );
  }
  const bytes = getConvexSize([jsonToConvex(args)]);
  const argsBytes = size.argsBytes + bytes;
  if (argsBytes > scheduledArgsBytes) {
    throw new UserError(
      "Too large total size of the arguments of scheduled functions from this mutation " +
        `(limit: ${scheduledArgsBytes} bytes)`,
      "ScheduledFunctionsArgumentsTooLarge",
    );
  }
  scheduledSizes.set(tx, {
    jobs: size.jobs + 1,
    argsBytes,
    maxArgsBytes: Math.max(size.maxArgsBytes, bytes),
  });
}

function endJob(tx: Transaction, component: ComponentPath, id: string, state: JobState): void {
  const current = stateOf(tx.system, component, id);
  if (current?.kind !== "pending" && current?.kind !== "inProgress") return;
  const now = clock.now();
  tx.system.patch(component, id, { state, completedTime: now });
  moveInQueue(tx.system, component, id, "finished", now);
}

function stateOf(system: SystemAccess, component: ComponentPath, id: string): JobState | null {
  return (system.get(component, id)?.["state"] as JobState | undefined) ?? null;
}

function moveInQueue(
  system: SystemAccess,
  component: ComponentPath,
  id: string,
  phase: QueuePhase,
  time: number,
): void {
  const [row] = system.query("", JOB_QUEUE_TABLE, "by_job", [component, id], { limit: 1 });
  if (row === undefined) throw new Error(`Scheduled function ${id} has no place in the queue`);
  system.patch("", row["_id"] as string, { phase, time });
}

function toJob(row: Record<string, JSONValue>): Job {
  return {
    component: row["component"] as ComponentPath,
    id: row["jobId"] as string,
    address: row["target"] as FunctionAddress,
    time: row["time"] as number,
  };
}

/** The path with the file's extension, which is how Convex names functions in `_scheduled_functions`. */
function nameOf({ path }: FunctionAddress): string {
  const colon = path.lastIndexOf(":");
  return colon === -1 ? `${path}.js:default` : `${path.slice(0, colon)}.js${path.slice(colon)}`;
}
