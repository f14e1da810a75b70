import { createHash } from "node:crypto";
import type { FunctionCall, Identity } from "../functions/types.ts";
import type { Holding } from "../memoryAccount.ts";
import { canonicalJson } from "./canonicalJson.ts";
import type { Observer, Subscription } from "./types.ts";

/** A subscription as the query that answers it knows it (`LiveSubscription`). */
export interface Subscriber extends Subscription {
  readonly call: FunctionCall;
  readonly observer: Observer;
  /** Its result is new, or may become so. */
  notePending(): void;
  moveTo(query: LiveQuery): void;
}

/**
 * One execution that all equal subscriptions share.
 *
 *            ran, did not look at the identity
 *   one ─────────────────────────────────────────► everyone
 *    ▲                                                │
 *    └────────────────────────────────────────────────┘
 *            ran again, and now did: one live query for each identity among its subscriptions
 *
 * `audience` says whose subscriptions may share it. A new one is for its own identity until it has run.
 */
export type LiveQuery = {
  /** Where it is found, together with `audience`. Changes when the journal does. */
  baseKey: string;
  audience: "one" | "everyone";
  /** Made by whoever subscribed first. */
  readonly call: FunctionCall;
  /** The journal that the next execution starts from. */
  journal: string | null;
  state:
    | { kind: "stale" }
    /** `expiresAt`: milliseconds since the epoch, until when who subscribes anew is given this result. */
    | { kind: "fresh"; journal: string | null; expiresAt: number };
  /** The newest result, kept while stale so that an unchanged result stays the same string. */
  text: string | null;
  /** Of `text`, once somebody has asked for it. */
  digest: string | null;
  /** The memory of `text`. */
  readonly memory: Holding;
  /** The subscription whose observer pays for it. */
  paidBy: Subscriber | null;
  readonly subscriptions: Set<Subscriber>;
};

export function newLiveQuery(call: FunctionCall, journal: string | null, memory: Holding): LiveQuery {
  return {
    baseKey: baseKey(call, journal),
    audience: "one",
    call,
    journal,
    state: { kind: "stale" },
    text: null,
    digest: null,
    memory,
    paidBy: null,
    subscriptions: new Set(),
  };
}

/** Equal for calls that would run the same code on the same input, but for the identity. */
export function baseKey({ address, args, visibility }: FunctionCall, journal: string | null): string {
  return canonicalJson([address.component, address.path, args, visibility, journal]);
}

export function keyOf(query: Pick<LiveQuery, "baseKey" | "audience" | "call">): string {
  return query.audience === "everyone"
    ? keyForEveryone(query.baseKey)
    : keyForOne(query.baseKey, query.call.identity);
}

export const keyForEveryone = (base: string): string => `*${base}`;

export const keyForOne = (base: string, identity: Identity | null): string =>
  `${identity === null ? "" : canonicalJson(identity)}@${base}`;

/** The digest of a query's text. */
export function digestOf(query: LiveQuery, text: string): string {
  return (query.digest ??= createHash("sha256").update(text).digest("base64"));
}

/** Did this execution leave a journal that a first execution would not have had? */
export function outgrewItsJournal(query: LiveQuery): query is LiveQuery & { state: { kind: "fresh" } } {
  return query.state.kind === "fresh" && query.state.journal !== query.journal;
}
