/**
 * Runs the crons of all components. `_crons` has a row for each cron of the deployment: when it was last due and when it
 * is next. A row moves on durably before, or in the transaction in which, its function runs, so no occurrence runs
 * twice; what was missed meanwhile, while an action ran on or the server was down, runs once or not at all:
 *
 *   waiting ──due──► mutation runs, in one transaction with its row ──► waiting for the next
 *      └─────due──► running: action ──ends──► waiting for the next that is still to come
 *                       └── server dies ──► failed, waiting
 */
import type { JSONValue } from "convex/values";
import type { RunOrigin } from "../actions/actionHost.ts";
import { clock } from "../clock.ts";
import type { ComponentPath, SystemAccess, Transaction } from "../database/types.ts";
import { EngineClosedError, type Engine } from "../engine/types.ts";
import { canonicalizePath } from "../functions/references.ts";
import type {
  ActionOutcome,
  CronJson,
  Deployment,
  FunctionCall,
  FunctionInfo,
  FunctionResult,
  MutationOutcome,
} from "../functions/types.ts";
import type { Log } from "../log.ts";
import { createAlarm } from "./alarm.ts";
import { asCutOff, CUT_OFF } from "./cutOff.ts";
import { parseCronSchedule, type CronSchedule } from "./cronSchedule.ts";

const CRON_TABLE = "_crons";
const CRON_LOG_TABLE = "_cron_logs";
/** Runs of each cron that are kept in `_cron_logs`. */
const LOGS_PER_CRON = 5;
/** Milliseconds until a cron is tried again that the backend, not its function, could not run. */
const RETRY_MS = 10_000;

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
  /** What the newest deployment knows of a function. */
  findFunction(address: FunctionCall["address"]): FunctionInfo | null;
  runAction(call: FunctionCall, origin: RunOrigin): Promise<ActionOutcome>;
  log: Log;
  /** Crons that run at once; any number by default. */
  maxRuns?: number;
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

  /** Sets the alarm for the first cron that could start then. */
  private plan(): void {
    if (this.isClosed) return;
    this.orLater(() => {
      // The end of any of them plans anew.
      const dueTimes = (this.hasRoom ? this.waiting() : []).map(({ due }) => due);
      this.alarm.set(dueTimes.length === 0 ? null : Math.min(...dueTimes));
    });
  }

  /** A database that cannot be read (a damaged page) is no reason to end the process, which may serve all the rest. */
  private orLater(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.options.log.error("crons", "the crons could not be read", error);
      this.alarm.set(clock.now() + RETRY_MS);
    }
  }

  private startDue(): void {
    if (this.isClosed) return;
    const now = clock.now();
    this.orLater(() => {
      for (const { cron, row, due } of this.waiting()) if (due <= now && this.hasRoom) this.start(cron, row);
      this.plan();
    });
  }

  private get hasRoom(): boolean {
    return this.active.size < (this.options.maxRuns ?? Infinity);
  }

  /** Crons that are not running, and when each is due. */
  private waiting(): { cron: Cron; row: CronRow; due: number }[] {
    return rows(this.options.engine.database.begin("query").system).flatMap((row) => {
      const key = keyOf(row);
      const cron = this.crons.get(key);
      if (cron === undefined || this.active.has(key)) return [];
      return [{ cron, row, due: Math.max(row.next, this.retryAt.get(key) ?? 0) }];
    });
  }

  private start(cron: Cron, row: CronRow): void {
    const key = keyOf(row);
    const ended = this.run(cron, row)
      .then(
        () => {
          this.retryAt.delete(key);
        },
        (error: unknown) => {
          if (error instanceof EngineClosedError) this.isClosed = true;
          else this.options.log.error("crons", "a cron could not be run", error, { name: cron.name });
          this.retryAt.set(key, clock.now() + RETRY_MS);
        },
      )
      .then(() => {
        this.active.delete(key);
        this.plan();
      });
    this.active.set(key, ended);
  }

  private async run(cron: Cron, row: CronRow): Promise<void> {
    const { engine } = this.options;
    const call = callOf(cron);
    if (this.options.findFunction(call.address)?.kind !== "action") {
      await engine.mutation(call, {
        caller: "cron",
        before: (tx) => (moveOn(tx, cron, row, null) ? null : NOT_RUN),
        after: (tx, { result }) => {
          // A function that was cut off for its time has taken with it what was written before.
          moveOn(tx, cron, row, null);
          addLog(tx.system, row, result);
        },
      });
      return;
    }
    if (!(await engine.transact((tx) => moveOn(tx, cron, row, clock.now())))) return;
    const { result } = await this.options.runAction(call, { kind: "cron" }).catch(asCutOff);
    await engine.transact((tx) => {
      settle(tx, cron, row, result);
    });
  }
}

/** Says durably that an occurrence has begun. `false` if the row is not what it was: the deployment has changed. */
function moveOn(tx: Transaction, cron: Cron, row: CronRow, runningSince: number | null): boolean {
  const current = tx.system.get("", row._id) as CronRow | null;
  if (current?.next !== row.next || current.spec !== row.spec || current.runningSince !== null) return false;
  const next = cron.schedule.next(row.next, clock.now());
  tx.system.patch("", row._id, { last: row.next, next, runningSince });
  return true;
}

/** An action has ended; occurrences that came while it ran are skipped. */
function settle(tx: Transaction, cron: Cron, row: CronRow, result: FunctionResult): void {
  addLog(tx.system, row, result);
  const current = tx.system.get("", row._id) as CronRow | null;
  if (current === null) return;
  const now = clock.now();
  // A new deployment may have changed the schedule meanwhile: then its own time stands.
  const isMissed = current.spec === row.spec && current.next <= now;
  const next = isMissed ? cron.schedule.next(current.next, now) : current.next;
  tx.system.patch("", row._id, { runningSince: null, next });
}

function cronsOf(deployment: Deployment): Map<string, Cron> {
  const crons = new Map<string, Cron>();
  for (const { path: component, crons: specs } of deployment.components.values()) {
    for (const [name, spec] of specs) {
      crons.set(keyOf({ component, name }), {
        component,
        name,
        spec,
        schedule: parseCronSchedule(name, spec.schedule),
      });
    }
  }
  return crons;
}

/** Rows of crons that are gone are deleted, those that are new or have changed begin anew, the others stay. */
function syncRows(tx: Transaction, crons: ReadonlyMap<string, Cron>): void {
  const known = new Map(rows(tx.system).map((row) => [keyOf(row), row]));
  for (const [key, row] of known) {
    if (crons.has(key)) continue;
    tx.system.delete("", row._id);
    for (const log of logsOf(tx.system, row)) tx.system.delete("", log["_id"] as string);
  }
  for (const [key, { component, name, spec, schedule }] of crons) {
    const text = JSON.stringify(spec);
    const row = known.get(key);
    if (row === undefined) {
      const next = schedule.next(null, clock.now());
      tx.system.insert("", CRON_TABLE, { component, name, spec: text, last: null, next, runningSince: null });
    } else if (row.spec !== text) {
      const next = schedule.next(row.last, clock.now());
      tx.system.patch("", row._id, { spec: text, next });
    }
  }
}

function rows(system: SystemAccess): CronRow[] {
  return system.query("", CRON_TABLE, "by_name", []) as unknown as CronRow[];
}

function logsOf(system: SystemAccess, { component, name }: CronRow): Record<string, JSONValue>[] {
  return system.query("", CRON_LOG_TABLE, "by_name", [component, name]);
}

function addLog(system: SystemAccess, row: CronRow, result: FunctionResult): void {
  const { component, name } = row;
  const outcome = result.ok ? { kind: "success" } : { kind: "failed", error: result.error.message };
  system.insert("", CRON_LOG_TABLE, { component, name, time: clock.now(), outcome });
  const logs = logsOf(system, row);
  for (const old of logs.slice(0, Math.max(0, logs.length - LOGS_PER_CRON))) {
    system.delete("", old["_id"] as string);
  }
}

function keyOf({ component, name }: Pick<CronRow, "component" | "name">): string {
  return JSON.stringify([component, name]);
}

/** For a cron whose turn was over when it came. */
const NOT_RUN: MutationOutcome = { result: { ok: true, value: null }, logLines: [] };

/** Crons run as nobody, and may be internal. */
function callOf({ component, spec }: Cron): FunctionCall {
  const address = { component, path: canonicalizePath(spec.name) };
  return { address, args: spec.args[0] ?? {}, identity: null, visibility: "any" };
}
