/**
 * Who pays for the results of live queries (E16.11): of all who share one the first who can. When they no longer watch it, the next.
 */
import { SERVER } from "../functions/client.ts";
import { failureOfMessage, requestIdOfLiveQuery } from "../functions/failures.ts";
import type { FunctionCall, QueryOutcome } from "../functions/types.ts";
import type { Holding, MemoryAccount } from "../memoryAccount.ts";
import type { LiveQuery, Subscriber } from "./liveQuery.ts";

/** Bytes of results that each person may watch, however much others do: a few times what a page of an ordinary app does. */
const GUARANTEED_BYTES = 512 * 1024;

/** Opens the memory of a live query's result, which nobody pays for as yet. */
export const openResultMemory = (account: MemoryAccount): Holding =>
  account.open(SERVER, false, GUARANTEED_BYTES);

/** Has the result of `query` become `text`, at somebody's cost. `false`, and it costs nothing any more, if nobody has memory for it. */
export function payForResult(query: LiveQuery, text: string): boolean {
  const bytes = bytesOf(text);
  if (query.paidBy !== null && query.memory.resize(bytes)) return true;
  const asked = new Set<string>();
  for (const subscription of query.subscriptions) {
    const { payer } = subscription.observer;
    if (asked.has(payer)) continue;
    asked.add(payer);
    query.memory.resize(0);
    chargeTo(query, subscription);
    if (query.memory.resize(bytes)) return true;
  }
  query.memory.resize(0);
  return false;
}

/** A subscription has left the query: somebody else pays if it did. */
export function passOnResult(query: LiveQuery, left: Subscriber): void {
  if (query.paidBy !== left) return;
  const [next = null] = query.subscriptions;
  if (next === null) query.paidBy = null;
  else chargeTo(query, next);
}

/** What whoever watches a query is told in place of a result that there is no memory for. */
export function refusedForMemory(outcome: QueryOutcome, call: FunctionCall): QueryOutcome {
  const failure = failureOfMessage("There is no memory for the result of this query now. Try again later.");
  // The same each time, or each run would give a new result.
  const requestId = requestIdOfLiveQuery(call, failure);
  return { ...outcome, result: { ok: false, error: { ...failure, requestId } } };
}

function chargeTo(query: LiveQuery, subscription: Subscriber): void {
  const { payer } = subscription.observer;
  query.paidBy = subscription;
  query.memory.moveTo(payer, subscription.call.identity === null && payer !== SERVER);
}

/** V8 keeps two bytes of each character if one of them is not Latin-1. */
function bytesOf(text: string): number {
  return Buffer.byteLength(text) === text.length ? text.length : 2 * text.length;
}
