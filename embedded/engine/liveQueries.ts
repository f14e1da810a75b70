import { clock } from "../clock.ts";
import type { Commit, SubscriptionIndex } from "../database/types.ts";
import type { FunctionCall, QueryOutcome } from "../functions/types.ts";
import { baseKey, keyForEveryone, keyForOne, keyOf, newLiveQuery, outgrewItsJournal } from "./liveQuery.ts";
import type { LiveQuery } from "./liveQuery.ts";
import { monotonicMs } from "./turns.ts";
import type { LiveQueries, LiveResult, Observer, Subscription } from "./types.ts";

/**
 * Milliseconds that a result is given to new subscribers if the function has looked at the clock: Convex's own
 * (`MAX_CACHE_AGE`). Without a limit who comes an hour later would be shown what was "now" an hour ago.
 */
const TIMED_RESULT_LIFETIME_MS = 5000;

/** What the sync protocol shows of a result, as text. Two results with equal texts are the same result. */
export type EncodeResult = (outcome: QueryOutcome) => string;

/**
 * All live queries and who observes them (E6).
 *
 * Work is done in rounds, between two groups of commits, so that a round sees one timestamp. A round is for the
 * observers that were scheduled before it: their stale queries run, then they are delivered to. An observer that is not
 * ready is passed over; its queries run when somebody ready wants them.
 *
 * Not here: when rounds run and under which time limit (`engine.ts`); what clients are sent (`sync/session.ts`).
 */
export class LiveQueryRegistry implements LiveQueries {
  private readonly byKey = new Map<string, LiveQuery>();
  private readonly scheduled = new Set<Observer>();
  private round: { observers: readonly Observer[]; prepared: number; delivered: number } | null = null;

  constructor(
    private readonly parts: {
      index: SubscriptionIndex<LiveQuery>;
      encode: EncodeResult;
      onScheduled: () => void;
    },
  ) {}

  /** Is there an observer to deliver to? */
  get hasWork(): boolean {
    return this.round !== null || this.scheduled.size > 0;
  }

  /** While a round is open, nothing may be committed. */
  get isInRound(): boolean {
    return this.round !== null;
  }

  subscribe(call: FunctionCall, journal: string | null, observer: Observer): Subscription {
    const base = baseKey(call, journal);
    const find = (): LiveQuery | undefined =>
      this.byKey.get(keyForEveryone(base)) ?? this.byKey.get(keyForOne(base, call.identity));
    const shared = find();
    if (shared?.state.kind === "fresh" && shared.state.expiresAt <= clock.now()) this.markStale(shared);
    // Looked for again: a page that has become stale keeps its end, which is not the newcomer's.
    const query = find() ?? this.add(newLiveQuery(call, journal));
    return new LiveSubscription(call, observer, query, (emptied) => this.remove(emptied));
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
    this.round = { observers: [...this.scheduled], prepared: 0, delivered: 0 };
    this.scheduled.clear();
  }

  /** The next live query to run in this round, or `null` when all that the round needs is up to date. */
  nextStale(): LiveQuery | null {
    const { round } = this;
    if (round === null) return null;
    for (; round.prepared < round.observers.length; round.prepared++) {
      const observer = round.observers[round.prepared];
      if (observer?.isReady !== true) continue;
      for (const subscription of observer.subscriptions) {
        const stale = this.firstStale(subscription.query);
        if (stale !== null) return stale;
      }
    }
    return null;
  }

  /** Takes in what running a query gave. */
  complete(query: LiveQuery, outcome: QueryOutcome): void {
    const text = this.parts.encode(outcome);
    // A client compares results by their text: keep the old string, so that this is a comparison of pointers.
    if (text !== query.text) query.text = text;
    const expiresAt = outcome.readTime ? clock.now() + TIMED_RESULT_LIFETIME_MS : Infinity;
    query.state = { kind: "fresh", journal: outcome.journal, expiresAt };
    this.parts.index.add(query, outcome.readSet);
    if (!outcome.readIdentity && query.audience === "one") this.shareWithEveryone(query);
    if (outcome.readIdentity && query.audience === "everyone") this.splitByIdentity(query);
  }

  /** Delivers to the observers that are prepared, until `deadline` (of `monotonicMs`); ends the round after the last. */
  deliver(deadline: number, timestamp: bigint): void {
    const { round } = this;
    if (round === null) return;
    for (; round.delivered < round.prepared; round.delivered++) {
      if (monotonicMs() > deadline) return;
      const observer = round.observers[round.delivered];
      if (observer?.isReady !== true) continue;
      if (hasStale(observer)) this.schedule(observer);
      else observer.deliver(timestamp);
    }
    if (round.delivered === round.observers.length) this.round = null;
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
      subscription.moveTo(this.byKey.get(key) ?? this.add(newLiveQuery(subscription.call, query.journal)));
    }
    if (query.subscriptions.size === 0) this.remove(query);
  }

  private markStale(query: LiveQuery): void {
    if (query.state.kind === "stale") return;
    const journal = query.state.journal;
    const rekeyed = outgrewItsJournal(query);
    query.state = { kind: "stale" };
    for (const { observer } of query.subscriptions) this.schedule(observer);
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

  private add(query: LiveQuery): LiveQuery {
    this.byKey.set(keyOf(query), query);
    return query;
  }

  private remove(query: LiveQuery): void {
    this.parts.index.remove(query);
    if (this.byKey.get(keyOf(query)) === query) this.byKey.delete(keyOf(query));
  }
}

function hasStale(observer: Observer): boolean {
  for (const subscription of observer.subscriptions) {
    if (subscription.query.state.kind === "stale") return true;
  }
  return false;
}

/** The bond between an observer and the live query that answers it, which may change (`LiveQueryRegistry`). */
export class LiveSubscription implements Subscription {
  constructor(
    readonly call: FunctionCall,
    readonly observer: Observer,
    public query: LiveQuery,
    private readonly onEmpty: (query: LiveQuery) => void,
  ) {
    query.subscriptions.add(this);
  }

  read(): LiveResult {
    const { state, text } = this.query;
    if (state.kind === "stale" || text === null)
      throw new Error("A subscription was read before it was delivered");
    return { text, journal: state.journal };
  }

  moveTo(query: LiveQuery): void {
    this.query.subscriptions.delete(this);
    this.query = query;
    query.subscriptions.add(this);
  }

  unsubscribe(): void {
    this.query.subscriptions.delete(this);
    if (this.query.subscriptions.size === 0) this.onEmpty(this.query);
  }
}
