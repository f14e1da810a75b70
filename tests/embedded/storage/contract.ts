/** What every storage does (`[E5.9]`). Run on each implementation by the test files beside this one. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import fc from "fast-check";
import type {
  IndexRow,
  ScannedRow,
  SearchEntry,
  Storage,
  StoredDocument,
  TableRow,
  VectorEntry,
} from "../../../embedded/storage/types.ts";
import { AFTER_ALL_KEYS, ALL_KEYS } from "../../../embedded/values/indexKey.ts";

const TABLE: TableRow = {
  id: 1,
  component: "",
  name: "messages",
  number: 10_001,
  documents: 0,
  validator: null,
};
const INDEX: IndexRow = {
  id: 7,
  table: 1,
  name: "by_text",
  staged: false,
  definition: { kind: "database", fields: ["text"] },
};
const SEARCH: IndexRow = {
  id: 8,
  table: 1,
  name: "search_text",
  staged: false,
  definition: { kind: "search", searchField: "text", filterFields: ["owner", "kind"] },
};

const VECTORS: IndexRow = {
  id: 9,
  table: 1,
  name: "by_vector",
  staged: false,
  definition: { kind: "vector", vectorField: "v", dimensions: 3, filterFields: ["a", "b"] },
};

const NOTHING_UNCOMMITTED = { removed: [], added: [] };

function document(text: string): StoredDocument {
  return { text: JSON.stringify({ text }), size: text.length };
}

function ids(rows: readonly ScannedRow[]): string[] {
  return rows.map(({ id }) => id);
}

export function storageContract(open: () => Storage): void {
  let storage: Storage;
  beforeEach(() => {
    storage = open();
    storage.putTable(TABLE);
    storage.putIndex(INDEX);
  });
  afterEach(() => {
    storage.close();
  });

  const find = (
    text: string[],
    prefix: string | null,
    filters: [number, string][] = [],
    limit = 10,
  ): string[] =>
    storage.search
      .find(
        SEARCH.id,
        { terms: text, prefix, filters: filters.map(([field, key]) => ({ field, key })), limit },
        NOTHING_UNCOMMITTED,
      )
      .map(({ id }) => id);

  const entry = (id: string, text: string, filters = ["\x01", "\x01"], creationTime = 0): SearchEntry => ({
    id,
    creationTime,
    terms: text.split(" "),
    filters,
  });

  describe("tables, indexes and settings", () => {
    test("[E5.9] are given back as they were put; the last put counts", () => {
      storage.putTable({ ...TABLE, documents: 3, validator: '{"type":"any"}' });
      storage.putTable({ ...TABLE, id: 2, component: "a/b", name: "other" });
      storage.putTableSize(2, 5);
      storage.putIndex({ ...INDEX, staged: true });
      expect(storage.tables()).toEqual([
        { ...TABLE, documents: 3, validator: '{"type":"any"}' },
        { ...TABLE, id: 2, component: "a/b", name: "other", documents: 5 },
      ]);
      expect(storage.indexes()).toEqual([{ ...INDEX, staged: true }]);
      expect(storage.setting("a")).toBe(null);
      storage.putSetting("a", "1");
      storage.putSetting("a", "2");
      expect(storage.setting("a")).toBe("2");
    });

    test("[E5.9] a dropped index is gone with its entries", () => {
      storage.putDocument(1, "x", document("x"));
      storage.putEntry(7, "k", "x");
      storage.dropIndex(INDEX);
      expect(storage.indexes()).toEqual([]);
      expect(storage.scanIndex(1, 7, ALL_KEYS, "asc", 10)).toEqual([]);
    });
  });

  describe("documents", () => {
    test("[E5.9] put, replace, delete", () => {
      expect(storage.document(1, "a")).toBe(null);
      storage.putDocument(1, "a", document("one"));
      storage.putDocument(1, "a", document("two \u{1f600}\0"));
      storage.putDocument(2, "a", document("of another table"));
      expect(storage.document(1, "a")).toEqual(document("two \u{1f600}\0"));
      storage.putDocument(1, "a", document("three"));
      expect(storage.document(1, "a")).toEqual(document("three"));
      storage.deleteDocument(1, "a");
      storage.deleteDocument(1, "a");
      expect(storage.document(1, "a")).toBe(null);
      expect(storage.document(2, "a")).toEqual(document("of another table"));
    });

    test("[E5.9] a range of ids, in both orders, up to a limit", () => {
      for (const id of ["b", "d", "a", "c"]) storage.putDocument(1, id, document(id));
      storage.putDocument(2, "b2", document("other"));
      const scan = (start: string, end: string, order: "asc" | "desc", limit: number): string[] =>
        ids(storage.scanDocuments(1, { start, end }, order, limit));
      expect(scan("", AFTER_ALL_KEYS, "asc", 10)).toEqual(["a", "b", "c", "d"]);
      expect(scan("", AFTER_ALL_KEYS, "desc", 3)).toEqual(["d", "c", "b"]);
      expect(scan("b", "d", "asc", 10)).toEqual(["b", "c"]);
      expect(scan("b\0", "d\0", "asc", 10)).toEqual(["c", "d"]);
      expect(scan("c", "c", "asc", 10)).toEqual([]);
      expect(scan("d", "a", "asc", 10)).toEqual([]);
    });
  });

  describe("index entries", () => {
    test("[E5.9] behave as a sorted map of byte strings", () => {
      const anyBytes = fc.string({ unit: fc.constantFrom("\x00", "\x01", "a", "\xff"), maxLength: 4 });
      // Keys begin with the tag of a value.
      const anyKey = anyBytes.map((bytes) => `\x10${bytes}`);
      const anyStep = fc.record({ put: fc.boolean(), key: anyKey });
      const anyRange = fc.record({
        start: anyKey,
        end: fc.oneof(anyKey, fc.constant(AFTER_ALL_KEYS)),
        order: fc.constantFrom("asc" as const, "desc" as const),
        limit: fc.integer({ min: 1, max: 5 }),
      });
      let index = 100;
      fc.assert(
        fc.property(
          fc.array(anyStep, { maxLength: 30 }),
          fc.array(anyRange, { maxLength: 5 }),
          (steps, ranges) => {
            index++;
            const model = new Map<string, string>();
            for (const [position, { put, key }] of steps.entries()) {
              const id = `id${position}`;
              if (put) {
                storage.putDocument(1, id, document(id));
                storage.putEntry(index, key, id);
                model.set(key, id);
              } else {
                storage.deleteEntry(index, key);
                model.delete(key);
              }
            }
            const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
            for (const { start, end, order, limit } of ranges) {
              const inRange = sorted.filter(([key]) => key >= start && key < end);
              const expected = (order === "asc" ? inRange : inRange.reverse()).slice(0, limit);
              const found = storage.scanIndex(1, index, { start, end }, order, limit);
              expect(found).toEqual(expected.map(([key, id]) => ({ key, id, document: document(id) })));
            }
          },
        ),
        { numRuns: 50 },
      );
    });
  });

  describe("vectors", () => {
    const vectorEntry = (id: string, ...components: number[]): VectorEntry => ({
      id,
      vector: Float32Array.from(components),
      filters: ["\x10a\x00", id],
    });
    const scan = (after = "", limit = 10): VectorEntry[] => storage.vectors.scan(VECTORS.id, after, limit);

    beforeEach(() => {
      storage.putIndex(VECTORS);
    });

    test("[E21.8] are given back as they were put, in the order of their ids, until they are deleted", () => {
      for (const id of ["b", "d", "a", "c"]) storage.vectors.put(VECTORS.id, vectorEntry(id, 0.1, -1, 3e-9));
      storage.vectors.put(VECTORS.id, vectorEntry("b", 1, 0, 0));
      storage.vectors.delete(VECTORS.id, "d");
      storage.vectors.delete(VECTORS.id, "none");
      expect(scan()).toEqual([
        vectorEntry("a", 0.1, -1, 3e-9),
        vectorEntry("b", 1, 0, 0),
        vectorEntry("c", 0.1, -1, 3e-9),
      ]);
      expect(scan("a", 1)).toEqual([vectorEntry("b", 1, 0, 0)]);
      expect(scan("c")).toEqual([]);
    });

    test("[E21.6] are gone with their index", () => {
      storage.vectors.put(VECTORS.id, vectorEntry("a", 1, 0, 0));
      storage.dropIndex(VECTORS);
      storage.putIndex(VECTORS);
      expect(scan()).toEqual([]);
    });
  });

  describe("search", () => {
    beforeEach(() => {
      storage.putIndex(SEARCH);
    });

    test("[E7.14] finds whole words, and the beginnings of the last one", () => {
      storage.search.put(8, entry("1", "the quick brown fox"));
      storage.search.put(8, entry("2", "a quicker bröwn über"));
      expect(find(["quick"], null)).toEqual(["1"]);
      expect(find([], "quick").sort()).toEqual(["1", "2"]);
      expect(find([], "brö")).toEqual(["2"]);
      expect(find(["fox"], "üb").sort()).toEqual(["1", "2"]);
      expect(find(["qui"], null)).toEqual([]);
      expect(find([], null)).toEqual([]);
    });

    test("[E7.14] words that FTS5 has a meaning for are words", () => {
      storage.search.put(8, entry("1", "and or not near"));
      expect(find(["and", "or", "not"], "near")).toEqual(["1"]);
    });

    test("[E7.14] better matches first, among equals the newest", () => {
      storage.search.put(8, entry("once", "apple pear plum fig", undefined, 1));
      storage.search.put(8, entry("often", "apple apple apple fig", undefined, 2));
      storage.search.put(8, entry("both", "apple rare plum fig", undefined, 3));
      storage.search.put(8, entry("later", "apple pear plum fig", undefined, 4));
      expect(find(["apple", "rare"], null)).toEqual(["both", "often", "later", "once"]);
      expect(find(["apple", "rare"], null, [], 2)).toEqual(["both", "often"]);
    });

    test("[E7.14] filters take only equal values, also long ones, and do not weigh", () => {
      const long = "\x10" + "x".repeat(500);
      storage.search.put(8, entry("1", "apple", ["\x10a\x00", long]));
      storage.search.put(8, entry("2", "apple", ["\x10b\x00", `${long}y`]));
      expect(find(["apple"], null, [[0, "\x10a\x00"]])).toEqual(["1"]);
      expect(find(["apple"], null, [[1, long]])).toEqual(["1"]);
      expect(
        find(["apple"], null, [
          [0, "\x10a\x00"],
          [1, `${long}y`],
        ]),
      ).toEqual([]);
      expect(find(["apple"], null, [[1, "\x10a\x00"]])).toEqual([]);
      expect(find(["f0x1061"], "f0x")).toEqual([]);
    });

    test("[E5.9] a document that is put again or deleted is found no more as it was", () => {
      storage.search.put(8, entry("1", "apple"));
      storage.search.put(8, entry("1", "pear"));
      expect(find(["apple"], null)).toEqual([]);
      expect(find(["pear"], null)).toEqual(["1"]);
      storage.search.delete(8, "1");
      storage.search.delete(8, "1");
      expect(find(["pear"], null)).toEqual([]);
    });

    test("[E2.3] sees uncommitted entries for the length of one search, and no longer", () => {
      storage.search.put(8, entry("1", "apple"));
      storage.search.put(8, entry("2", "apple"));
      const request = { terms: ["apple"], prefix: null, filters: [], limit: 10 };
      const seen = storage.search.find(8, request, { removed: ["1"], added: [entry("3", "apple")] });
      expect(seen.map(({ id }) => id).sort()).toEqual(["2", "3"]);
      expect(find(["apple"], null).sort()).toEqual(["1", "2"]);
      storage.flush();
      expect(find(["apple"], null).sort()).toEqual(["1", "2"]);
    });

    test("[E5.9] a dropped index can be made again, empty", () => {
      storage.search.put(8, entry("1", "apple"));
      storage.dropIndex(SEARCH);
      storage.putIndex(SEARCH);
      expect(find(["apple"], null)).toEqual([]);
    });
  });
}
