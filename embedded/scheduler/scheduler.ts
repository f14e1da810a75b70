/**
 * Runs scheduled functions when their time has come. A mutation runs exactly once: its job is started and ended in
 * the transaction of its own writes. An action runs at most once: that it has begun is durable before it begins, and
 * one that a crash cut off is `failed` at the next start.
 *
 *   start ──────────────────────────┐
 *   commit that touches the queue ──┼──► plan: set the alarm for the first job that could start
 *   a job has ended ────────────────┘                 │
 *                                  ▲                  ▼
 *                                  └── alarm: start every job that is due and has room
 *
 * Only the alarm starts jobs, also those that are due at once: while fake time stands still, none begins.
 */
import type { JSONValue } from "convex/values";
import { clock } from "../clock.ts";
import type { ReadSet } from "../database/types.ts";
import type { RunOrigin } from "../actions/actionHost.ts";
import { EngineClosedError, type Engine } from "../engine/types.ts";
import type { ActionOutcome, FunctionCall, FunctionInfo, MutationOutcome } from "../functions/types.ts";
import type { Log } from "../log.ts";
import { createAlarm } from "./alarm.ts";
import { asCutOff, CUT_OFF } from "./cutOff.ts";
import {
  argsOf,
  deleteFinishedJobs,
  finishJob,
  pendingJobs,
  runningJobs,
  startJob,
  type Job,
} from "./jobs.ts";

/** Actions at once. Half of what the action host takes: callers of actions must not wait for scheduled ones. */
const MAX_ACTIONS = 32;
/** Mutations in line at once; they run one after the other anyway, and share an fsync. */
const MAX_MUTATIONS = 128;
/**
 * Jobs looked at in one go at first: to plan, the next one, so that a commit behind it changes no plan; to start what is due, a few. More
 * are, up to the last number, if none of these can be waited for or all were started.
 */
const FIRST_LOOK = { toPlan: 1, toStart: 16 };
const LAST_LOOK = 4096;
/** Milliseconds until a job is tried again that the backend, not the function, could not run; doubles up to the second. */
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 60_000;
/** Milliseconds that jobs are kept after their end: a week, as on Convex (`SCHEDULED_JOB_RETENTION`). */
const RETENTION_MS = 7 * 24 * 60 * 60 * 1000;
/** Old jobs deleted in one transaction, and milliseconds between two looks for them. */
const SWEEP_BATCH = 256;
const SWEEP_INTERVAL_MS = 60_000;

export type SchedulerOptions = {
  engine: Engine;
  /** What the newest deployment knows of a function. */
  findFunction(address: FunctionCall["address"]): FunctionInfo | null;
  runAction(call: FunctionCall, origin: RunOrigin): Promise<ActionOutcome>;
  log: Log;
  /** Jobs at once, of both kinds together, instead of a number for each kind (E20). */
  maxJobs?: number;
};

export interface Scheduler {
  /** Is no job running or about to? */
  readonly isIdle: boolean;
  /** Resolves when no job is running or about to. Jobs that are not due do not count. */
  whenIdle(): Promise<void>;
  /** Starts no more jobs, and resolves when those that run have ended. */
  close(): Promise<void>;
}

/** Resolves when the jobs of the last process are settled. */
export async function startScheduler(options: SchedulerOptions): Promise<Scheduler> {
  const scheduler = new JobScheduler(options);
  await scheduler.settleCutOffJobs();
  scheduler.plan();
  return scheduler;
}

class JobScheduler implements Scheduler {
  private readonly alarm = createAlarm(() => {
    this.startDue();
  });
  private readonly stopListening: () => void;
  /** Jobs that were started here, by id, until their end is durable. */
  private readonly active = new Map<string, { kind: "action" | "mutation"; ended: Promise<void> }>();
  private readonly retries = new Map<string, { at: number; waitMs: number }>();
  /** What the last plan was made of: a commit that changes it may bring the next job forward. */
  private seen: ReadSet | null = null;
  private nextSweep = 0;
  private isPlanDue = false;
  private isClosed = false;

  constructor(private readonly options: SchedulerOptions) {
    this.stopListening = options.engine.onCommit((commits) => {
      if (commits.some(({ writes }) => this.seen?.overlaps(writes))) this.plan();
    });
  }

  get isIdle(): boolean {
    return this.active.size === 0;
  }

  async settleCutOffJobs(): Promise<void> {
    const { engine, log } = this.options;
    for (;;) {
      const settled = await engine.transact((tx) => {
        const jobs = runningJobs(tx.system, SWEEP_BATCH);
        for (const job of jobs) finishJob(tx, job, { message: CUT_OFF });
        return jobs.length;
      });
      if (settled === 0) return;
      log.warn("scheduler", "actions were cut off by the last stop of the server", { count: settled });
    }
  }

  async whenIdle(): Promise<void> {
    while (this.active.size > 0) await Promise.all([...this.active.values()].map(({ ended }) => ended));
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.stopListening();
    this.alarm.set(null);
    await this.whenIdle();
  }

  /** Sets the alarm for the first job that could start then. */
  plan(): void {
    if (this.isClosed) return;
    this.orLater(() => {
      let next: number | null = null;
      this.seen = this.lookAtPending(FIRST_LOOK.toPlan, (job, due) => {
        if (this.hasRoomFor(job)) next = Math.min(next ?? Infinity, due);
        return next === null || job.time < next;
      });
      this.alarm.set(next);
    });
  }

  /** A database that cannot be read (a damaged page) is no reason to end the process, which may serve all the rest. */
  private orLater(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.options.log.error("scheduler", "the scheduled functions could not be read", error);
      this.alarm.set(clock.now() + LAST_RETRY_MS);
    }
  }

  /** Once for all jobs that end together, as those of one group of commits do. */
  private planSoon(): void {
    if (this.isPlanDue) return;
    this.isPlanDue = true;
    queueMicrotask(() => {
      this.isPlanDue = false;
      this.plan();
    });
  }

  private startDue(): void {
    if (this.isClosed) return;
    const now = clock.now();
    this.orLater(() => {
      const { system } = this.options.engine.database.begin("query");
      this.lookAtPending(FIRST_LOOK.toStart, (job, due) => {
        if (due <= now && this.hasRoomFor(job)) this.start(job, argsOf(system, job));
        return job.time <= now;
      });
      this.plan();
    });
  }

  /**
   * Shows `visit` the pending jobs, in order, and when each is due, until it returns `false`; reads `first` of them before more. Returns what
   * was read.
   */
  private lookAtPending(first: number, visit: (job: Job, due: number) => boolean): ReadSet {
    const { system, readSet } = this.options.engine.database.begin("query");
    let seen = 0;
    for (let limit = first; limit <= LAST_LOOK; limit *= 4) {
      const jobs = pendingJobs(system, limit);
      for (const job of jobs.slice(seen)) {
        if (!visit(job, Math.max(job.time, this.retries.get(job.id)?.at ?? 0))) return readSet;
      }
      if (jobs.length < limit) break;
      seen = jobs.length;
    }
    return readSet;
  }

  private kindOf({ address }: Job): "action" | "mutation" {
    return this.options.findFunction(address)?.kind === "action" ? "action" : "mutation";
  }

  private hasRoomFor(job: Job): boolean {
    if (this.active.has(job.id)) return false;
    const { maxJobs } = this.options;
    if (maxJobs !== undefined) return this.active.size < maxJobs;
    const kind = this.kindOf(job);
    let running = 0;
    for (const other of this.active.values()) if (other.kind === kind) running += 1;
    return running < (kind === "action" ? MAX_ACTIONS : MAX_MUTATIONS);
  }

  private start(job: Job, args: JSONValue): void {
    const kind = this.kindOf(job);
    const run = kind === "action" ? this.runAction(job, args) : this.runMutation(job, args);
    const ended = run
      .then(
        () => {
          this.retries.delete(job.id);
        },
        (error: unknown) => {
          this.retryLater(job, error);
        },
      )
      .then(() => {
        this.active.delete(job.id);
        this.planSoon();
        this.sweep();
      });
    this.active.set(job.id, { kind, ended });
  }

  private async runMutation(job: Job, args: JSONValue): Promise<void> {
    await this.options.engine.mutation(callOf(job, args), {
      caller: "scheduler",
      before: (tx) => (startJob(tx, job) ? null : NOT_RUN),
      after: (tx, { result }) => {
        finishJob(tx, job, result.ok ? null : result.error);
      },
    });
  }

  private async runAction(job: Job, args: JSONValue): Promise<void> {
    const { engine } = this.options;
    if (!(await engine.transact((tx) => startJob(tx, job)))) return;
    const origin: RunOrigin = { kind: "scheduler", jobId: job.id };
    const { result } = await this.options.runAction(callOf(job, args), origin).catch(asCutOff);
    await engine.transact((tx) => {
      finishJob(tx, job, result.ok ? null : result.error);
    });
  }

  /** The backend failed, not the function: the job is as it was, or its action ran and only its end is not written. */
  private retryLater(job: Job, error: unknown): void {
    if (error instanceof EngineClosedError) {
      this.isClosed = true;
      return;
    }
    const last = this.retries.get(job.id)?.waitMs;
    const waitMs = last === undefined ? FIRST_RETRY_MS : Math.min(last * 2, LAST_RETRY_MS);
    this.retries.set(job.id, { at: clock.now() + waitMs, waitMs });
    this.options.log.error("scheduler", "a scheduled function could not be run", error, {
      path: job.address.path,
    });
  }

  private sweep(): void {
    const now = clock.now();
    if (this.isClosed || now < this.nextSweep) return;
    this.nextSweep = now + SWEEP_INTERVAL_MS;
    this.options.engine
      .transact((tx) => deleteFinishedJobs(tx.system, now - RETENTION_MS, SWEEP_BATCH))
      .then((deleted) => {
        // There may be more where these came from.
        if (deleted === SWEEP_BATCH) this.nextSweep = 0;
      })
      .catch((error: unknown) => {
        if (!(error instanceof EngineClosedError)) {
          this.options.log.error("scheduler", "old jobs could not be deleted", error);
        }
      });
  }
}

/** For a job that was canceled at the last moment. */
const NOT_RUN: MutationOutcome = { result: { ok: true, value: null }, logLines: [] };

/** Scheduled functions run as nobody, and may be internal. */
function callOf({ address, id }: Job, args: JSONValue): FunctionCall {
  return { address, args, identity: null, visibility: "any", scheduledFunctionId: id };
}
