import { canonicalJson } from "../engine/canonicalJson.ts";
import type { LiveQueries, Observer, Subscription } from "../engine/types.ts";
import { NOBODY } from "../auth/types.ts";
import type { Caller } from "../auth/types.ts";
import type { Client } from "../functions/client.ts";
import type { FunctionCall } from "../functions/types.ts";
import { ProtocolError } from "./protocol/decode.ts";
import type { StateModification } from "./protocol/transition.ts";

/** `sentDigest` is of the text that the client holds, `null` before its first result. */
type SyncedQuery = {
  call: FunctionCall;
  journal: string | null;
  subscription: Subscription;
  sentDigest: string | null;
  /** Bytes that are held for it. */
  heldBytes: number;
};

/** The queries that a client has asked for, and what it holds of them. */
export class QuerySet {
  private readonly queries = new Map<number, SyncedQuery>();
  private readonly idOf = new Map<Subscription, number>();
  private readonly removed = new Set<number>();
  /** Whose queries they are, as text. */
  private caller = canonicalJson(NOBODY);

  constructor(
    private readonly liveQueries: LiveQueries,
    private readonly observer: Observer,
  ) {}

  /** How many there are. */
  get size(): number {
    return this.queries.size;
  }

  /**
   * `journal` is what the client was last sent with the query's result, on this connection or an earlier one; `heldBytes` what
   * `remove` returns.
   */
  add(queryId: number, call: FunctionCall, journal: string | null, heldBytes: number): void {
    if (this.queries.has(queryId)) throw new ProtocolError(`Duplicate query ID: ${queryId}`);
    const subscription = this.liveQueries.subscribe(call, journal, this.observer);
    this.queries.set(queryId, { call, journal, subscription, sentDigest: null, heldBytes });
    this.idOf.set(subscription, queryId);
    this.removed.delete(queryId);
  }

  /** Returns how many bytes were held for it. */
  remove(queryId: number): number {
    const query = this.queries.get(queryId);
    if (query === undefined) throw new ProtocolError(`Nonexistent query id: ${queryId}`);
    query.subscription.unsubscribe();
    this.idOf.delete(query.subscription);
    this.queries.delete(queryId);
    this.removed.add(queryId);
    return query.heldBytes;
  }

  /** Refreshing a token runs nothing again. */
  changeCaller({ identity, isAdmin }: Caller, client: Client): void {
    const caller = canonicalJson({ identity, isAdmin });
    if (caller === this.caller) return;
    this.caller = caller;
    for (const [queryId, query] of this.queries) {
      const { subscription } = query;
      query.call = { ...query.call, identity, visibility: isAdmin ? "admin" : "public", client };
      query.subscription = this.liveQueries.subscribe(query.call, query.journal, this.observer);
      subscription.unsubscribe();
      this.idOf.delete(subscription);
      this.idOf.set(query.subscription, queryId);
    }
  }

  /** What has changed since the last time, of results that are all up to date; only those in `changed` can have. */
  takeModifications(changed: ReadonlySet<Subscription>): StateModification[] {
    const modifications: StateModification[] = [];
    for (const queryId of this.removed) modifications.push({ type: "QueryRemoved", queryId });
    this.removed.clear();
    for (const subscription of changed) {
      const queryId = this.idOf.get(subscription);
      const query = queryId === undefined ? undefined : this.queries.get(queryId);
      if (queryId === undefined || query === undefined) continue;
      const { text, digest, journal } = query.subscription.read();
      query.journal = journal;
      if (digest === query.sentDigest) continue;
      query.sentDigest = digest;
      modifications.push({ type: "QueryResult", queryId, text });
    }
    return modifications;
  }

  /** Watches nothing any more. */
  clear(): void {
    for (const { subscription } of this.queries.values()) subscription.unsubscribe();
    this.queries.clear();
    this.idOf.clear();
  }
}
