import { expect, test } from "vitest";
import type { LiveQueries, LiveResult, Observer, Subscription } from "../../../embedded/engine/types.ts";
import { QuerySet } from "../../../embedded/sync/querySet.ts";

/** Results as a test sets them. */
function openQuerySet(): { querySet: QuerySet; changed: Subscription; result: LiveResult } {
  const result = { text: "one", digest: "1", journal: null };
  const changed = { read: () => result, unsubscribe: () => {} } as unknown as Subscription;
  const liveQueries: LiveQueries = { subscribe: () => changed, schedule: () => {} };
  const observer: Observer = { payer: "person a", isReady: true, deliver: () => {} };
  const querySet = new QuerySet(liveQueries, observer);
  const call = {
    address: { component: "", path: "a:b" },
    args: {},
    identity: null,
    visibility: "public",
  } as const;
  querySet.add(0, call, null, 0);
  return { querySet, changed, result };
}

test("[E16.11] what a client holds is known by its digest: a client that does not read keeps no old results in memory", () => {
  const { querySet, changed, result } = openQuerySet();
  expect(querySet.takeModifications(new Set([changed]))).toHaveLength(1);
  expect(querySet.takeModifications(new Set([changed]))).toEqual([]);
  result.text = "not looked at";
  expect(querySet.takeModifications(new Set([changed]))).toEqual([]);
  result.digest = "2";
  expect(querySet.takeModifications(new Set([changed]))).toEqual([
    { type: "QueryResult", queryId: 0, text: "not looked at" },
  ]);
});
