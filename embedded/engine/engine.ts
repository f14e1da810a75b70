import type { Commit, Database, SubscriptionIndex, Transaction } from "../database/types.ts";
import type { ActionOutcome, FunctionCall, MutationOutcome, QueryOutcome } from "../functions/types.ts";
import type { Log } from "../log.ts";
import { MemoryAccount } from "../memoryAccount.ts";
import type { CloudTime, CreateCloudTime } from "./cloud/cloudTime.ts";
import type { ConflictReport } from "./cloud/conflictReport.ts";
import { OptimisticMutations } from "./cloud/optimisticMutations.ts";
import type { AttemptRunner, OptimisticOptions } from "./cloud/optimisticMutations.ts";
import { finishTransaction, jobFor, liveQueryJob } from "./jobs.ts";
import type { Group, Job, Settlement, WorkOutcome } from "./jobs.ts";
import { Line } from "./line.ts";
import { LiveQueryRegistry } from "./liveQueries.ts";
import type { EncodeResult } from "./liveQueries.ts";
import type { LiveQuery } from "./liveQuery.ts";
import type { MetricsCounter } from "./metrics.ts";
import { SERVER } from "../functions/client.ts";
import { afterNewcomers, monotonicMs } from "./turns.ts";
import { EngineClosedError } from "./types.ts";
import type { Engine, FunctionRunner, MutationHooks } from "./types.ts";
import type { HeldWork, Settle, Work } from "./work.ts";

/** Milliseconds of work before sockets get their turn: short beside what a person notices, long beside one function. */
const SLICE_MS = 10;

/** Milliseconds that a round may go on while commits wait: one with many slow queries must not hold up everybody's writes. */
const MAX_HOLD_MS = 50;

export type EngineParts = {
  database: Database;
  runner: FunctionRunner;
  runAction: (call: FunctionCall) => Promise<ActionOutcome>;
  subscriptionIndex: SubscriptionIndex<LiveQuery>;
  encodeResult: EncodeResult;
  metrics: MetricsCounter;
  log: Log;
  /** How many connections have been accepted so far. */
  accepted?: (() => number) | undefined;
  /** The memory of what clients watch; without a limit by default. */
  account?: MemoryAccount | undefined;
  /** Cloud mode (E20): mutations run on snapshots and conflict. */
  cloud?: OptimisticOptions & { createTime: CreateCloudTime };
};

export function createEngine(parts: EngineParts): Engine {
  return new EngineLoop(parts);
}

/**
 *                    ┌───────────────────── turns of the event loop ──────────────────────┐
 *   line of work ──► │ group: run, commit each, flush once, │ round: run stale live        │ ──► nothing in line,
 *                    │ mark live queries, tell who waits    │ queries, deliver their results │     all delivered: sleep
 *                    └──────────────────────────────────────┴──────────────────────────────┘
 *
 * Groups and rounds alternate; a round that takes long lets groups in between two observers. While the disk is waited for, no
 * group runs and nobody is told anything; the live queries of the next round do run, and what they give is delivered after. Each turn works for a
 * slice of time, then sockets get theirs. Whoever waits for a
 * mutation is told before the round that delivers its effects: a client that saw them first would still show its
 * optimistic update on top.
 *
 * Not here: what a job does (`jobs.ts`), which live queries run (`liveQueries.ts`).
 */
class EngineLoop implements Engine {
  readonly database: Database;
  readonly liveQueries: LiveQueryRegistry;
  private readonly optimistic: { mutations: OptimisticMutations; time: CloudTime } | null;
  private readonly line = new Line();
  private readonly listeners = new Set<(commits: readonly Commit[]) => void>();
  /**
   *            commits                    durable
   *   running ─────────► flushing ─────────────────► running
   *      │                  └──── cannot be written ──► failed ◄── (from each of them)
   *      └── a held transaction ──► holding ──► running or flushing
   */
  private state: "running" | "flushing" | "holding" | "failed" = "running";
  /** While it flushes: whom to tell, and when that is over. */
  private flushing: Flushing | null = null;
  readonly failed: Promise<void>;
  private tellFailed!: () => void;
  private closed: Promise<void> | null = null;
  private whenClosed: (() => void) | null = null;
  private turnDue = false;
  private roundIsNext = false;
  /** When the last group ended, by `monotonicMs`. */
  private lastGroupAt = 0;

  constructor(private readonly parts: EngineParts) {
    this.database = parts.database;
    this.failed = new Promise((resolve) => {
      this.tellFailed = resolve;
    });
    this.liveQueries = new LiveQueryRegistry({
      index: parts.subscriptionIndex,
      encode: parts.encodeResult,
      account: parts.account ?? new MemoryAccount(Infinity),
      onScheduled: () => this.wake(),
    });
    this.optimistic = parts.cloud === undefined ? null : this.createOptimistic(parts.cloud);
  }

  query(
    call: FunctionCall,
    journal: string | null = null,
    signal: AbortSignal | null = null,
  ): Promise<QueryOutcome & { ts: bigint }> {
    return this.enqueue(payerOf(call), (settle) => ({ kind: "query", call, journal, signal, settle }));
  }

  async queries(
    calls: readonly FunctionCall[],
    signal: AbortSignal | null = null,
  ): Promise<(QueryOutcome & { ts: bigint })[]> {
    const [first] = calls;
    if (first !== undefined) this.line.requireRoom(payerOf(first), calls.length);
    return Promise.all(calls.map((call) => this.query(call, null, signal)));
  }

  mutation(call: FunctionCall, hooks: MutationHooks = {}): Promise<MutationOutcome & { ts: bigint }> {
    if (this.optimistic === null)
      return this.enqueue(payerOf(call, hooks), (settle) => ({ kind: "mutation", call, hooks, settle }));
    const { refusal } = this;
    return refusal === null ? this.optimistic.mutations.run(call, hooks) : Promise.reject(refusal);
  }

  action(call: FunctionCall): Promise<ActionOutcome> {
    const { refusal } = this;
    return refusal === null ? this.parts.runAction(call) : Promise.reject(refusal);
  }

  transact<T>(work: (transaction: Transaction) => T): Promise<T> {
    return this.enqueue(SERVER, (settle: Settle<T>) => ({
      kind: "transact",
      work,
      settle: settle as Settle<unknown>,
    }));
  }

  hold<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.enqueue(SERVER, (settle: Settle<T>) => ({
      kind: "hold",
      work,
      settle: settle as Settle<unknown>,
    }));
  }

  onCommit(listener: (commits: readonly Commit[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async durable(): Promise<void> {
    await this.flushing?.ended;
    if (this.state === "failed") throw storageFailed();
  }

  conflicts(): ConflictReport | null {
    return this.optimistic?.mutations.counter.report ?? null;
  }

  invalidateAll(): void {
    this.liveQueries.invalidateAll();
  }

  close(): Promise<void> {
    this.closed ??= new Promise((resolve) => {
      this.whenClosed = resolve;
    });
    this.optimistic?.time.hurry();
    this.wake();
    return this.closed;
  }

  get refusal(): EngineClosedError | null {
    if (this.state === "failed") return storageFailed();
    return this.closed === null ? null : new EngineClosedError("The server is shutting down");
  }

  /** What was begun before `close` is still committed: `isBegun`. */
  private enqueue<T>(payer: string, make: (settle: Settle<T>) => Work, isBegun = false): Promise<T> {
    const { refusal } = this;
    if (refusal !== null && !(isBegun && this.state !== "failed")) return Promise.reject(refusal);
    return new Promise<T>((resolve, reject) => {
      // Throws where the payer has too much in line: the promise rejects.
      this.line.push(payer, make({ resolve, reject }));
      this.wake();
    });
  }

  private wake(): void {
    if (this.turnDue || this.state === "holding") return;
    if (this.state === "flushing" && this.liveQueries.isPrepared) return;
    this.turnDue = true;
    afterNewcomers(() => {
      this.turnDue = false;
      this.turn();
    }, this.parts.accepted);
  }

  private turn(): void {
    if (this.state === "holding") return;
    const deadline = monotonicMs() + SLICE_MS;
    if (this.state === "flushing") {
      if (!this.liveQueries.isPrepared) this.prepareRound(deadline, Infinity);
    } else if (this.isForRound() || this.line.length === 0) this.runRound(deadline);
    else {
      this.runGroup(deadline);
      this.lastGroupAt = monotonicMs();
    }
    this.sleepOrGoOn();
  }

  private isForRound(): boolean {
    const { isInRound, isInTurn, hasWork } = this.liveQueries;
    if (!isInRound) return this.roundIsNext && hasWork;
    return isInTurn || monotonicMs() <= this.holdUntil;
  }

  /** When a round has to let what is in line in. */
  private get holdUntil(): number {
    return this.line.length === 0 ? Infinity : this.lastGroupAt + MAX_HOLD_MS;
  }

  private sleepOrGoOn(): void {
    if (this.state === "holding") return;
    if (this.state === "flushing") {
      this.wake();
      return;
    }
    const hasMore = this.state === "running" && (this.line.length > 0 || this.liveQueries.hasWork);
    if (hasMore) {
      this.wake();
      return;
    }
    this.optimistic?.time.onIdle();
    if (this.optimistic?.mutations.isIdle ?? true) this.whenClosed?.();
  }

  private createOptimistic({
    createTime,
    ...options
  }: NonNullable<EngineParts["cloud"]>): NonNullable<EngineLoop["optimistic"]> {
    const { database, log } = this.parts;
    const time = createTime(
      () =>
        this.line.length > 0 ||
        this.state === "holding" ||
        this.state === "flushing" ||
        this.liveQueries.hasWork,
    );
    const runner: AttemptRunner = {
      run: (call, hooks) =>
        this.enqueue(payerOf(call, hooks), (settle) => ({ kind: "attempt", call, hooks, settle })),
      commit: (attempt, source, check) =>
        this.enqueue(SERVER, (settle) => ({ kind: "commit", attempt, source, check, settle }), true),
    };
    // The last one to end lets a `close` that waits for it go on.
    const onIdle = (): void => {
      if (this.closed !== null) this.wake();
    };
    return { mutations: new OptimisticMutations({ database, runner, time, log, options, onIdle }), time };
  }

  /** Runs what is in line, in order, makes it durable at once, then tells everybody. */
  private runGroup(deadline: number): void {
    this.roundIsNext = true;
    this.commitGroup((group) => {
      this.guarded(deadline, () => {
        const now = monotonicMs();
        const work = this.line.next(now);
        if (work === null || work.kind === "hold") return null;
        const job = jobFor(work, group, this.parts);
        this.line.shift(now);
        return job;
      });
      // Before the flush, whose time is not the last one's.
      this.line.pay(monotonicMs());
    });
    const now = monotonicMs();
    const next = this.line.next(now);
    if (next?.kind === "hold" && this.state === "running") {
      this.line.shift(now);
      this.line.pay(now);
      void this.runHeld(next);
    }
  }

  private runRound(deadline: number): void {
    this.roundIsNext = false;
    // Whoever was prepared in the last turn goes first.
    if (!this.liveQueries.isDelivering) this.prepareRound(deadline, this.holdUntil);
    if (this.state !== "failed") this.liveQueries.deliver(deadline, this.database.ts);
  }

  /** Runs live queries that the round needs. */
  private prepareRound(deadline: number, holdUntil: number): void {
    if (this.state === "failed") return;
    this.liveQueries.openRound();
    try {
      this.guarded(deadline, () => {
        const query = this.liveQueries.nextStale(holdUntil);
        return query === null ? null : liveQueryJob(query, this.liveQueries, this.parts);
      });
    } catch (error) {
      this.fail(error, []);
    }
  }

  /**
   * Runs jobs under the time limit of user code until there is none or the slice is over. Nothing of the backend
   * itself may be running when the limit strikes, so a job that took long is finished outside. Throws what the backend
   * itself throws (the storage, at a commit), and if the limit struck it after all (the process was stopped for long).
   */
  private guarded(deadline: number, next: () => Job | null): void {
    // The guard itself costs more than most jobs: it is not set up for none.
    const first = next();
    if (first === null) return;
    const current: { job: Job | null; finishLate: (() => void) | null; isCutOff: boolean } = {
      job: null,
      finishLate: null,
      isCutOff: false,
    };
    const runJobs = (): void => {
      for (let job: Job | null = first; job !== null; job = monotonicMs() <= deadline ? next() : null) {
        current.job = job;
        job.run();
        current.job = null;
        if (monotonicMs() > deadline) current.finishLate = job.finish;
        else job.finish();
      }
    };
    this.parts.runner.guard([runJobs], () => {
      const { job } = current;
      if (job === null) {
        current.isCutOff = true;
        return;
      }
      job.cutOff();
      current.finishLate = job.finish;
    });
    if (current.isCutOff) throw new Error("The backend was cut off in the middle of its own work");
    current.finishLate?.();
  }

  /** Has `fill` commit into a group, makes it durable, then tells whoever waits. */
  private commitGroup(fill: (group: Group) => void): void {
    const commitLog = this.optimistic?.mutations.log;
    const onCommit: Group["onCommit"] = commitLog ? (commit, source) => commitLog.add(commit, source) : null;
    const group: Group = { commits: [], settlements: [], onCommit };
    let durable: Promise<void> | null = null;
    try {
      fill(group);
      if (group.commits.length > 0) durable = this.database.beginFlush();
    } catch (error) {
      this.fail(error, group.settlements);
      return;
    }
    this.liveQueries.invalidate(group.commits);
    if (durable === null) this.confirm(group);
    else this.awaitFlush(group, durable);
  }

  private awaitFlush(group: Group, durable: Promise<void>): void {
    this.state = "flushing";
    const ended = durable.then(
      () => {
        this.flushing = null;
        // A live query may have made it fail meanwhile: then whoever waits has been told.
        if (this.state !== "flushing") return;
        this.state = "running";
        this.confirm(group);
        // Those that wait for a round have waited for the disk, not for a group.
        this.lastGroupAt = monotonicMs();
        this.wake();
      },
      (error: unknown) => {
        this.flushing = null;
        if (this.state === "flushing") this.fail(error, group.settlements);
        this.wake();
      },
    );
    this.flushing = { group, ended };
  }

  /** Tells everybody of a durable group. */
  private confirm({ commits, settlements }: Group): void {
    if (commits.length > 0) this.tellListeners(commits);
    for (const { confirm } of settlements) confirm();
  }

  private tellListeners(commits: readonly Commit[]): void {
    for (const listener of this.listeners) {
      try {
        listener(commits);
      } catch (error) {
        this.parts.log.error("ENGINE", "A listener of commits failed", error);
      }
    }
  }

  private async runHeld({ work, settle }: HeldWork): Promise<void> {
    this.state = "holding";
    const transaction = this.database.begin("mutation");
    let outcome: WorkOutcome;
    try {
      outcome = { ok: true, value: await work(transaction) };
    } catch (error) {
      outcome = { ok: false, error };
    }
    this.state = "running";
    this.commitGroup((group) => finishTransaction(group, transaction, this.database, settle, outcome));
    this.wake();
  }

  /**
   * Before the file is read anew nobody can know which of the group's commits are durable. Clients send theirs again
   * then, and are told (E4).
   */
  private fail(cause: unknown, settlements: readonly Settlement[]): void {
    this.state = "failed";
    this.parts.log.error("ENGINE", "The database could not be written; nothing more is accepted", cause);
    const error = storageFailed();
    const flushing = this.flushing?.group.settlements ?? [];
    for (const { refuse } of [...flushing, ...settlements]) refuse(error);
    for (const { settle } of this.line.drain()) settle.reject(error);
    this.optimistic?.time.hurry();
    this.tellFailed();
  }
}

type Flushing = { group: Group; ended: Promise<void> };

/** Whose share of the engine's time a call comes out of. */
function payerOf({ client }: FunctionCall, { payer }: MutationHooks = {}): string {
  return payer ?? client?.payer ?? SERVER;
}

function storageFailed(): EngineClosedError {
  return new EngineClosedError("The database can no longer be written; the server's log says why");
}
