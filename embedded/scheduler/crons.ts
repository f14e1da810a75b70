/**
 * Runs the crons of all components. `_crons` has a row for each cron of the deployment; what was missed while the
 * server was down runs once. A mutation moves its row on in the transaction of its own writes; an action's row says
 * durably that it runs before it does, so neither runs twice for one occurrence, nor beside itself.
 *
 *   waiting ──due──► mutation runs ──────────► waiting for the next
 *      └─────due──► running (action) ──ends──► waiting for the next; occurrences meanwhile are skipped
 */
import type { JSONValue } from "convex/values";
import { clock } from "../clock.ts";
import type { ComponentPath, SystemAccess, Transaction } from "../database/types.ts";
import { EngineClosedError, type Engine } from "../engine/types.ts";
import { canonicalizePath } from "../functions/references.ts";
import type {
  ActionOutcome,
  CronJson,
  Deployment,
  FunctionCall,
  FunctionResult,
  MutationOutcome,
} from "../functions/types.ts";
import type { Log } from "../log.ts";
import { createAlarm } from "./alarm.ts";
import { parseCronSchedule, type CronSchedule } from "./cronSchedule.ts";

const CRON_TABLE = "_crons";
const CRON_LOG_TABLE = "_cron_logs";
/** Runs of each cron that are kept in `_cron_logs`. */
const LOGS_PER_CRON = 5;
/** Milliseconds until a cron is tried again that the backend, not its function, could not run. */
const RETRY_MS = 10_000;
/** What is said of an action that a restart cut off. */
const CUT_OFF = "Transient error while executing action";

/** A row of `_crons`. Times are milliseconds since the epoch. */
type CronRow = {
  _id: string;
  component: ComponentPath;
  /** Its identifier in `crons.ts`. */
  name: string;
  /** Its schedule, function and arguments as JSON text: what has changed since the last deployment starts anew. */
  spec: string;
  /** When it was last due, and when it is next. */
  last: number | null;
  next: number;
  /** When its action began, while it runs. */
  runningSince: number | null;
};

/** A cron of the deployment. */
type Cron = { component: ComponentPath; name: string; spec: CronJson; schedule: CronSchedule };

export type CronOptions = {
  engine: Engine;
  runAction(call: FunctionCall): Promise<ActionOutcome>;
  log: Log;
};

export interface Crons {
  /** Takes the crons of a new deployment. Throws a `UserError`, having changed nothing, if one of them cannot be. */
  replaceDeployment(deployment: Deployment): Promise<void>;
  whenIdle(): Promise<void>;
  /** Starts none any more, and resolves when those that run have ended. */
  close(): Promise<void>;
}

export async function startCrons(options: CronOptions, deployment: Deployment): Promise<Crons> {
  const crons = new CronRunner(options);
  await crons.settleCutOffActions();
  await crons.replaceDeployment(deployment);
  return crons;
}

class CronRunner implements Crons {
  private crons = new Map<string, Cron>();
  private deployment: Deployment | null = null;
  private readonly alarm = createAlarm(() => {
    this.startDue();
  });
  private readonly active = new Map<string, Promise<void>>();
  private readonly retryAt = new Map<string, number>();
  private isClosed = false;

  constructor(private readonly options: CronOptions) {}

  async settleCutOffActions(): Promise<void> {
    await this.options.engine.transact((tx) => {
      for (const row of rows(tx.system)) {
        if (row.runningSince === null) continue;
        tx.system.patch("", row._id, { runningSince: null });
        addLog(tx.system, row, { ok: false, error: { message: CUT_OFF } });
      }
    });
  }

  async replaceDeployment(deployment: Deployment): Promise<void> {
    const crons = cronsOf(deployment);
    await this.options.engine.transact((tx) => {
      syncRows(tx, crons);
    });
    this.crons = crons;
    this.deployment = deployment;
    this.plan();
  }

  async whenIdle(): Promise<void> {
    while (this.active.size > 0) await Promise.all(this.active.values());
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.alarm.set(null);
    await this.whenIdle();
  }

  private plan(): void {
    if (this.isClosed) return;
    let next: number | null = null;
    for (const row of rows(this.options.engine.database.begin("query").system)) {
      const key = keyOf(row);
      if (this.active.has(key) && row.runningSince === null) continue;
      next = Math.min(next ?? Infinity, Math.max(row.next, this.retryAt.get(key) ?? 0));
    }
    this.alarm.set(next);
  }

  private startDue(): void {
    if (this.isClosed) return;
    const now = clock.now();
    for (const row of rows(this.options.engine.database.begin("query").system)) {
      const key = keyOf(row);
      const cron = this.crons.get(key);
      if (cron === undefined || Math.max(row.next, this.retryAt.get(key) ?? 0) > now) continue;
      if (this.active.has(key) && row.runningSince === null) continue;
      const previous = this.active.get(key);
      const run = this.run(cron, row)
        .then(() => {
          this.retryAt.delete(key);
        })
        .catch((error: unknown) => {
          if (error instanceof EngineClosedError) this.isClosed = true;
          else this.options.log.error("crons", "a cron could not be run", error, { name: cron.name });
          this.retryAt.set(key, clock.now() + RETRY_MS);
        })
        .then(() => previous)
        .then(() => {
          if (this.active.get(key) === run) this.active.delete(key);
          this.plan();
        });
      this.active.set(key, run);
    }
    this.plan();
  }
}
