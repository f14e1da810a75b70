import { expect, test } from "vitest";
import { DocumentCache } from "../../../embedded/storage/documentCache.ts";

const document = (chars: number) => ({ text: "x".repeat(chars), size: chars });

test("[E5.10] what is kept of documents is bounded: the longest unused go, and large ones are not kept", () => {
  const cache = new DocumentCache();
  const [thirtyKiB, count] = [30 * 1024, 200];
  for (let i = 0; i < count; i++) {
    cache.keep(1, String(i), document(thirtyKiB));
    expect(cache.find(1, "0")).not.toBe(null);
  }
  const kept = Array.from({ length: count }, (_, i) => cache.find(1, String(i))).filter(
    (one) => one !== null,
  );
  expect(kept.length * thirtyKiB).toBeLessThanOrEqual(4 * 1024 * 1024);
  expect(kept.length).toBeGreaterThan(100);
  expect(cache.find(1, "1")).toBe(null);
  cache.keep(1, "large", document(64 * 1024));
  expect(cache.find(1, "large")).toBe(null);
});

test("[E2.3] a document that is written is forgotten; one of the same id in another table is not", () => {
  const cache = new DocumentCache();
  cache.keep(1, "a", document(1));
  cache.keep(2, "a", document(2));
  cache.forget(1, "a");
  expect(cache.find(1, "a")).toBe(null);
  expect(cache.find(2, "a")).toEqual(document(2));
  cache.clear();
  expect(cache.find(2, "a")).toBe(null);
});
