import { createSemaphore } from "../../actions/semaphore.ts";
import type { Semaphore } from "../../actions/semaphore.ts";
import type { Database, Transaction } from "../../database/types.ts";
import { displayPath } from "../../functions/references.ts";
import type { FunctionCall, MutationOutcome } from "../../functions/types.ts";
import type { Log } from "../../log.ts";
import { idOfKey } from "../../values/describeRange.ts";
import { logOutcome } from "../logOutcome.ts";
import type { MutationCaller, MutationHooks } from "../types.ts";
import type { CloudTime } from "./cloudTime.ts";
import { CommitLog } from "./commitLog.ts";
import type { Conflict, WriteSource } from "./commitLog.ts";
import { ConflictCounter, splitScope } from "./conflictReport.ts";
import {
  COMMIT_DELAY_MS,
  MAX_CONCURRENT_MUTATIONS,
  MUTATION_MAX_WAIT_MS,
  RETRY_POLICIES,
  tooManyRequests,
  WRITE_SOURCES,
} from "./limits.ts";
import type { Backoff } from "./limits.ts";
import { seededRandom } from "./random.ts";
import { RefusalError } from "./refusal.ts";

export type OptimisticOptions = {
  /** Milliseconds from a mutation's run to its commit, on average; each is from half to one and a half of that. */
  commitDelayMs?: number | undefined;
  /** Of the jitter of commits and retries. */
  seed?: number | undefined;
};

/** A mutation that has run. `transaction` is what it wants to commit, if it wrote anything. */
export type Attempt = { outcome: MutationOutcome; transaction: Transaction };

/** What became of an attempt's commit. */
export type CommitResult = { kind: "committed"; ts: bigint } | { kind: "conflict"; conflict: Conflict };

/** The engine's side: both stand in its line. */
export type AttemptRunner = {
  /** Runs the function on the newest state, and commits nothing. */
  run(call: FunctionCall, hooks: MutationHooks): Promise<Attempt>;
  /** Commits what has run, if `check` finds no conflict at that moment. */
  commit(attempt: Attempt, source: WriteSource, check: () => Conflict | null): Promise<CommitResult>;
};

/** What a new deployment's schemas conflict with: everything, as all transactions read them. */
const SCHEMA_CHANGE: Conflict = {
  overlap: { kind: "search", scope: ":_schemas.by_id" },
  source: { function: "a push of functions", label: "apply_config" },
};

/**
 * Mutations as Convex runs them (E20): on a snapshot, beside each other, each checked at its commit against what others have
 * committed since its snapshot, and tried again from the beginning if that changed what it had read.
 *
 *   arrives ──► snapshot ──► place ──► runs at once ──held back──► check ──► commits
 *                  ▲                                                 │ conflict
 *                  └───────────────────── backoff ◄──────────────────┴──► fails, after its last retry
 *
 * A function still runs in one go, on the newest state, so that none ever sees half of another. Commits that come between
 * its snapshot and its run count as well: if one of them overlaps its reads, the attempt fails like one that ran on the
 * snapshot itself; if none does, it has read the same.
 */
export class OptimisticMutations {
  readonly counter: ConflictCounter;
  readonly log = new CommitLog();
  private readonly places: Semaphore;
  private readonly lanes = new WeakMap<object, Promise<unknown>>();
  private readonly random: () => number;
  private readonly commitDelayMs: number;
  private inFlight = 0;

  constructor(
    private readonly parts: {
      database: Database;
      runner: AttemptRunner;
      time: CloudTime;
      log: Log;
      options: OptimisticOptions;
      /** Called when no mutation is on its way any more. */
      onIdle: () => void;
    },
  ) {
    const { database, time, options } = parts;
    this.counter = new ConflictCounter(database);
    this.random = seededRandom(options.seed ?? 1);
    this.commitDelayMs = options.commitDelayMs ?? COMMIT_DELAY_MS;
    this.places = createSemaphore(MAX_CONCURRENT_MUTATIONS, MUTATION_MAX_WAIT_MS, {
      startTimer: (ring, ms) => time.after(ms, ring),
    });
  }

  /** Is no mutation on its way? */
  get isIdle(): boolean {
    return this.inFlight === 0;
  }

  /** Rejects with a `RefusalError` where Convex refuses. */
  async run(call: FunctionCall, hooks: MutationHooks): Promise<MutationOutcome & { ts: bigint }> {
    this.inFlight++;
    const { lane } = hooks;
    const earlier = lane && this.lanes.get(lane);
    // What stands behind a mutation that was refused is refused with it, as Convex closes the socket: order is kept.
    const ended =
      earlier === undefined ? this.runToEnd(call, hooks) : earlier.then(() => this.runToEnd(call, hooks));
    if (lane) this.lanes.set(lane, ended);
    try {
      return await ended;
    } finally {
      this.inFlight--;
      if (this.isIdle) this.parts.onIdle();
    }
  }

  /** To the end, with all retries. */
  private async runToEnd(
    call: FunctionCall,
    hooks: MutationHooks,
  ): Promise<MutationOutcome & { ts: bigint }> {
    const { counter, parts } = this;
    const { caller = "client" } = hooks;
    const source = sourceOf(call, caller);
    const { repeats, ...policy } = RETRY_POLICIES[caller];
    for (let failures = 0, repeated = 0; ;) {
      const result = await this.attempt(call, hooks, source);
      counter.recordAttempt(source.function);
      if (result.kind === "committed") {
        counter.recordEnd(source.function, "done");
        logOutcome(parts.log, call, result.outcome);
        return { ...result.outcome, ts: result.ts };
      }
      const kind = counter.recordConflict(source.function, result.conflict);
      if (failures < policy.maxRetries) {
        await this.backOff(policy, failures++);
      } else if (repeats !== undefined && repeated < repeats.count) {
        await this.backOff(repeats, repeated++);
        failures = 0;
      } else {
        counter.recordEnd(source.function, "failed");
        parts.log.warn("CONFLICTS", "a mutation lost against others at every attempt", {
          function: source.function,
          changedBy: kind.changedBy,
          read: `${kind.table}.${kind.index} [${kind.example}]`,
        });
        throw conflictError(result.conflict, source);
      }
      counter.recordRetry(source.function);
    }
  }

  private async attempt(
    call: FunctionCall,
    hooks: MutationHooks,
    source: WriteSource,
  ): Promise<
    { kind: "committed"; outcome: MutationOutcome; ts: bigint } | (CommitResult & { kind: "conflict" })
  > {
    const { database, runner } = this.parts;
    const { ts, schemaVersion } = database;
    this.log.open(ts);
    try {
      const giveBack = await this.places.acquire();
      if (giveBack === null) {
        this.counter.recordEnd(source.function, "refused");
        throw new RefusalError(
          "TooManyConcurrentRequests",
          tooManyRequests(MAX_CONCURRENT_MUTATIONS, "mutation"),
        );
      }
      let attempt: Attempt;
      try {
        attempt = await runner.run(call, hooks);
        const { outcome, transaction } = attempt;
        // Nothing to check: it is as of its snapshot (`is_readonly` in crates/database/src/committer.rs).
        if (transaction.isReadOnly) return { kind: "committed", outcome, ts: database.ts };
        await this.pause(this.commitDelayMs * (0.5 + this.random()));
      } finally {
        giveBack();
      }
      const { readSet } = attempt.transaction;
      const result = await runner.commit(attempt, source, () =>
        database.schemaVersion === schemaVersion ? this.log.findConflict(readSet, ts) : SCHEMA_CHANGE,
      );
      return result.kind === "conflict" ? result : { ...result, outcome: attempt.outcome };
    } finally {
      this.log.close(ts);
    }
  }

  /** Full jitter, as in crates/convex/sync_types/src/backoff.rs. */
  private backOff({ firstBackoffMs, maxBackoffMs }: Backoff, failures: number): Promise<void> {
    return this.pause(Math.min(firstBackoffMs * 2 ** failures, maxBackoffMs) * this.random());
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.parts.time.after(ms, resolve));
  }
}

function sourceOf({ address }: FunctionCall, caller: MutationCaller): WriteSource {
  const path = displayPath(address);
  const name = address.component === "" ? path : `${address.component}/${path}`;
  return { function: name, label: WRITE_SOURCES[caller] ?? name };
}

/** The texts of `user_occ` and `OCC_ERROR_MSG` in crates/errors/src/lib.rs, and of crates/database/src/database.rs. */
function conflictError({ overlap, source }: Conflict, writer: WriteSource): RefusalError {
  const { table } = splitScope(overlap.scope);
  const code = "OptimisticConcurrencyControlFailure";
  if (table.startsWith("_")) {
    return new RefusalError(
      code,
      "Data read or written in this mutation changed while it was being run. Consider reducing the amount of data read " +
        "by using indexed queries with selective index range expressions " +
        "(https://docs.convex.dev/database/indexes/).",
    );
  }
  const changer =
    source.label === writer.label ? "Another call to this mutation" : `A call to "${source.label}"`;
  const change =
    overlap.kind === "search" ? "" : `${changer} changed the document with ID "${idOfKey(overlap.key)}". `;
  return new RefusalError(
    code,
    `Documents read from or written to the "${table}" table changed while this mutation was being run and on every ` +
      `subsequent retry. ${change}See https://docs.convex.dev/error#1`,
  );
}
