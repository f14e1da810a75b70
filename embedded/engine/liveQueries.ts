import { clock } from "../clock.ts";
import type { Commit, SubscriptionIndex } from "../database/types.ts";
import type { FunctionCall, QueryOutcome } from "../functions/types.ts";
import type { MemoryAccount } from "../memoryAccount.ts";
import {
  baseKey,
  digestOf,
  keyForEveryone,
  keyForOne,
  keyOf,
  newLiveQuery,
  outgrewItsJournal,
} from "./liveQuery.ts";
import type { LiveQuery, Subscriber } from "./liveQuery.ts";
import { openResultMemory, passOnResult, payForResult, refusedForMemory } from "./resultMemory.ts";
import { monotonicMs } from "./turns.ts";
import type { LiveQueries, LiveResult, Observer, Subscription } from "./types.ts";

/**
 * Milliseconds that a result is given to new subscribers if the function has looked at the clock: Convex's own
 * (`MAX_CACHE_AGE`). Without a limit who comes an hour later would be shown what was "now" an hour ago.
 */
const TIMED_RESULT_LIFETIME_MS = 5000;

/**
 * Milliseconds of a round that one observer's queries may take before the next observer's turn. Each time that it is not
 * enough it doubles, up to the second number, or commits that come faster than the queries run would keep the observer waiting
 * for ever.
 */
const TURN_MS = 10;
const MAX_TURN_MS = 500;

/** Nobody commits during a turn. One that is longer than this may take a tenth of the time; until then it is cut to this. */
const LONG_TURN_MS = 100;
const LONG_TURN_SHARE = 1 / 10;

/** Milliseconds of a round that the queries of one payer may take who is not alone in it, however many sockets they have. */
const PAYER_MS = 50;

/** What the sync protocol shows of a result, as text. Two results with equal texts are the same result. */
export type EncodeResult = (outcome: QueryOutcome, call: FunctionCall) => string;

/** What an observer has to be told: which of its subscriptions must run, and which may have a new result. */
type Pending = { stale: Set<LiveSubscription>; changed: Set<LiveSubscription>; turnMs: number };

/**
 * All live queries and who observes them (E6).
 *
 * Work is done in rounds. A round is for the observers that were scheduled before it: the stale queries of each run, then
 * it is delivered to. A fresh result holds at the newest timestamp, whenever it was made, or a commit would have marked it
 * stale; so commits may come in between, and an observer is delivered to when none of its queries is stale at that moment.
 * One that takes longer than its turn goes on in the next round, so that it delays nobody (E6.13); and so do the sockets of one payer
 * that take longer together. One that is not ready is
 * passed over; its queries run when somebody ready wants them.
 *
 * What a commit costs is linear in the subscriptions that it touches: each observer keeps its own list of those, and
 * nobody looks through all that a client watches.
 *
 * Not here: when rounds run and under which time limit (`engine.ts`); what clients are sent (`sync/session.ts`).
 */
export class LiveQueryRegistry implements LiveQueries {
  private readonly byKey = new Map<string, LiveQuery>();
  private readonly scheduled = new Set<Observer>();
  private readonly pending = new WeakMap<Observer, Pending>();
  private round: Round | null = null;
  /** By `monotonicMs`. */
  private nextLongTurnAt = -Infinity;

  constructor(
    private readonly parts: {
      index: SubscriptionIndex<LiveQuery>;
      encode: EncodeResult;
      /** The memory that results are kept in. */
      account: MemoryAccount;
      onScheduled: () => void;
    },
  ) {}

  /** Is there an observer to deliver to? */
  get hasWork(): boolean {
    return this.round !== null || this.scheduled.size > 0;
  }

  /** Is a round under way? */
  get isInRound(): boolean {
    return this.round !== null;
  }

  /** Is somebody prepared and not delivered to? */
  get isDelivering(): boolean {
    return this.round !== null && this.round.delivered < this.round.prepared;
  }

  /** Has a round begun for everybody who is scheduled, and is all that it needs up to date? */
  get isPrepared(): boolean {
    const { round } = this;
    return round === null ? this.scheduled.size === 0 : round.prepared === round.observers.length;
  }

  /** Is an observer's turn under way, or its delivery to come? A commit now could make stale again what was run for it. */
  get isInTurn(): boolean {
    return this.isDelivering || (this.round !== null && this.round.turn !== null);
  }

  subscribe(call: FunctionCall, journal: string | null, observer: Observer): Subscription {
    const base = baseKey(call, journal);
    const find = (): LiveQuery | undefined =>
      this.byKey.get(keyForEveryone(base)) ?? this.byKey.get(keyForOne(base, call.identity));
    const shared = find();
    if (shared?.state.kind === "fresh" && shared.state.expiresAt <= clock.now()) this.markStale(shared);
    // Looked for again: a page that has become stale keeps its end, which is not the newcomer's.
    const query = find() ?? this.add(call, journal);
    return new LiveSubscription(call, observer, query, this.pendingOf(observer), (emptied) =>
      this.remove(emptied),
    );
  }

  schedule(observer: Observer): void {
    this.scheduled.add(observer);
    this.parts.onScheduled();
  }

  /** Marks what the commits touch and schedules who observes it. */
  invalidate(commits: readonly Commit[]): void {
    for (const { writes } of commits) {
      for (const query of this.parts.index.matching(writes)) this.markStale(query);
    }
  }

  invalidateAll(): void {
    for (const query of [...this.byKey.values()]) this.markStale(query);
  }

  /** Begins a round with everybody who is scheduled by now, unless one is open. */
  openRound(): void {
    if (this.round !== null) return;
    const observers = [...this.scheduled];
    const [first] = observers;
    const isShared = observers.some(({ payer }) => payer !== first?.payer);
    this.round = { observers, turn: null, prepared: 0, delivered: 0, spentMs: isShared ? new Map() : null };
    this.scheduled.clear();
  }

  /**
   * The next live query to run in this round, or `null` when all that the round needs is up to date, or an observer's turn has
   * ended and it is later than `holdUntil` (of `monotonicMs`).
   */
  nextStale(holdUntil = Infinity): LiveQuery | null {
    const { round } = this;
    if (round === null) return null;
    for (; round.prepared < round.observers.length; round.prepared++) {
      const observer = round.observers[round.prepared];
      if (observer?.isReady !== true) {
        round.turn = null;
        continue;
      }
      const now = monotonicMs();
      if (round.turn === null && now > holdUntil) return null;
      const pending = this.pendingOf(observer);
      const turn = (round.turn ??= this.beginTurn(pending, now));
      const stale = this.firstStaleOf(observer);
      if (stale !== null) {
        const isOver = turn.hasRun ? now > turn.endsAt : (round.spentMs?.get(observer.payer) ?? 0) > PAYER_MS;
        if (!isOver) {
          turn.hasRun = true;
          return stale;
        }
        if (turn.hasRun) pending.turnMs = Math.min(2 * pending.turnMs, MAX_TURN_MS);
        this.schedule(observer);
      }
      this.endTurn(round, observer, turn, now);
    }
    return null;
  }

  private beginTurn({ turnMs }: Pending, now: number): Turn {
    const isAllowed = turnMs <= LONG_TURN_MS || now >= this.nextLongTurnAt;
    return { startedAt: now, endsAt: now + (isAllowed ? turnMs : LONG_TURN_MS), hasRun: false };
  }

  private endTurn(round: Round, { payer }: Observer, { startedAt, hasRun }: Turn, now: number): void {
    round.turn = null;
    if (!hasRun) return;
    const tookMs = now - startedAt;
    if (tookMs > LONG_TURN_MS) this.nextLongTurnAt = now + tookMs / LONG_TURN_SHARE;
    round.spentMs?.set(payer, (round.spentMs.get(payer) ?? 0) + tookMs);
  }

  /** Takes in what running a query gave. Returns what its subscribers are told: a failure where there is no memory for the result. */
  complete(query: LiveQuery, outcome: QueryOutcome): QueryOutcome {
    let told = outcome;
    let text = this.parts.encode(outcome, query.call);
    // A client compares results by their text: keep the old string, so that this is a comparison of pointers.
    if (text !== query.text && !payForResult(query, text)) {
      told = refusedForMemory(outcome, query.call);
      text = this.parts.encode(told, query.call);
    }
    if (text !== query.text) {
      query.text = text;
      query.digest = null;
    }
    // Who comes anew may be able to pay.
    const lifetime = told !== outcome ? 0 : outcome.readTime ? TIMED_RESULT_LIFETIME_MS : Infinity;
    query.state = { kind: "fresh", journal: outcome.journal, expiresAt: clock.now() + lifetime };
    this.parts.index.add(query, outcome.readSet);
    if (!outcome.readIdentity && query.audience === "one") this.shareWithEveryone(query);
    if (outcome.readIdentity && query.audience === "everyone") this.splitByIdentity(query);
    return told;
  }

  /** Delivers to the observers that are prepared, until `deadline` (of `monotonicMs`); ends the round after the last. */
  deliver(deadline: number, timestamp: bigint): void {
    const { round } = this;
    if (round === null) return;
    for (; round.delivered < round.prepared; round.delivered++) {
      if (monotonicMs() > deadline) return;
      const observer = round.observers[round.delivered];
      if (observer?.isReady !== true) continue;
      if (this.firstStaleOf(observer) !== null) {
        this.schedule(observer);
        continue;
      }
      const pending = this.pendingOf(observer);
      observer.deliver(timestamp, new Set(pending.changed));
      pending.changed.clear();
      pending.turnMs = TURN_MS;
    }
    if (round.delivered === round.observers.length) this.round = null;
  }

  /** What must run next for the observer to be up to date, or `null` when it is. */
  private firstStaleOf(observer: Observer): LiveQuery | null {
    const { stale } = this.pendingOf(observer);
    for (const subscription of stale) {
      const query = this.firstStale(subscription.query);
      if (query !== null) return query;
      stale.delete(subscription);
    }
    return null;
  }

  private pendingOf(observer: Observer): Pending {
    const known = this.pending.get(observer);
    if (known !== undefined) return known;
    const pending: Pending = { stale: new Set(), changed: new Set(), turnMs: TURN_MS };
    this.pending.set(observer, pending);
    return pending;
  }

  /**
   * What must run for `query` to be up to date. Where an execution for everyone is, it goes first: if it still does not
   * look at the identity, `query` would have run the same, and joins it.
   */
  private firstStale(query: LiveQuery): LiveQuery | null {
    if (query.state.kind === "fresh") return null;
    const everyones = query.audience === "one" ? this.byKey.get(keyForEveryone(query.baseKey)) : undefined;
    if (everyones === undefined) return query;
    if (everyones.state.kind === "stale") return everyones;
    this.merge(query, everyones);
    return null;
  }

  private shareWithEveryone(query: LiveQuery): void {
    this.byKey.delete(keyOf(query));
    query.audience = "everyone";
    this.byKey.set(keyOf(query), query);
  }

  /** The fresh result stays with the identity it was made for; all others get a live query of their own. */
  private splitByIdentity(query: LiveQuery): void {
    this.byKey.delete(keyOf(query));
    query.audience = "one";
    const ownKey = keyOf(query);
    const olderOwn = this.byKey.get(ownKey);
    this.byKey.set(ownKey, query);
    if (olderOwn !== undefined) this.merge(olderOwn, query);
    for (const subscription of [...query.subscriptions]) {
      const key = keyForOne(query.baseKey, subscription.call.identity);
      if (key === ownKey) continue;
      subscription.moveTo(this.byKey.get(key) ?? this.add(subscription.call, query.journal));
    }
    if (query.subscriptions.size === 0) this.remove(query);
  }

  private markStale(query: LiveQuery): void {
    if (query.state.kind === "stale") return;
    const journal = query.state.journal;
    const rekeyed = outgrewItsJournal(query);
    query.state = { kind: "stale" };
    for (const subscription of query.subscriptions) {
      subscription.notePending();
      this.schedule(subscription.observer);
    }
    // From here on it runs with its journal (a page that keeps its end), unlike one that is subscribed now.
    if (rekeyed) this.rekey(query, journal);
  }

  private rekey(query: LiveQuery, journal: string | null): void {
    this.byKey.delete(keyOf(query));
    query.journal = journal;
    query.baseKey = baseKey(query.call, journal);
    const equal = this.byKey.get(keyOf(query));
    if (equal === undefined) this.byKey.set(keyOf(query), query);
    else this.merge(query, equal);
  }

  private merge(from: LiveQuery, into: LiveQuery): void {
    for (const subscription of [...from.subscriptions]) subscription.moveTo(into);
    this.remove(from);
  }

  private add(call: FunctionCall, journal: string | null): LiveQuery {
    const query = newLiveQuery(call, journal, openResultMemory(this.parts.account));
    this.byKey.set(keyOf(query), query);
    return query;
  }

  private remove(query: LiveQuery): void {
    this.parts.index.remove(query);
    query.memory.close();
    if (this.byKey.get(keyOf(query)) === query) this.byKey.delete(keyOf(query));
  }
}

/** Times by `monotonicMs`. */
type Turn = { startedAt: number; endsAt: number; hasRun: boolean };

type Round = {
  observers: readonly Observer[];
  /** The turn of the observer at `prepared`, once it has begun. */
  turn: Turn | null;
  /** What the queries of each payer have taken, in milliseconds; `null` if there is only one. */
  spentMs: Map<string, number> | null;
  /** Observers before this one have had their queries run, or go on in the next round. */
  prepared: number;
  delivered: number;
};

/** The bond between an observer and the live query that answers it, which may change (`LiveQueryRegistry`). */
class LiveSubscription implements Subscriber {
  constructor(
    readonly call: FunctionCall,
    readonly observer: Observer,
    public query: LiveQuery,
    private readonly pending: Pending,
    private readonly onEmpty: (query: LiveQuery) => void,
  ) {
    query.subscriptions.add(this);
    this.notePending();
  }

  read(): LiveResult {
    const { state, text } = this.query;
    if (state.kind === "stale" || text === null)
      throw new Error("A subscription was read before it was delivered");
    return { text, digest: digestOf(this.query, text), journal: state.journal };
  }

  /** Its result is new, or may become so. */
  notePending(): void {
    if (this.query.state.kind === "stale") this.pending.stale.add(this);
    this.pending.changed.add(this);
  }

  moveTo(query: LiveQuery): void {
    this.leave();
    this.query = query;
    query.subscriptions.add(this);
    this.notePending();
  }

  unsubscribe(): void {
    this.leave();
    this.pending.stale.delete(this);
    this.pending.changed.delete(this);
    if (this.query.subscriptions.size === 0) this.onEmpty(this.query);
  }

  private leave(): void {
    this.query.subscriptions.delete(this);
    passOnResult(this.query, this);
  }
}
