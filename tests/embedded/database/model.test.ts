import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { createSubscriptionIndex } from "../../../embedded/database/subscriptionIndex.ts";
import type { Commit, Database, ReadSet, Transaction } from "../../../embedded/database/types.ts";
import { mutate, openTestDatabase, page, query, STORAGES, type Row } from "./helpers.ts";
import { answer, anyQuery, anyWrite, applyWrite, MODEL_SCHEMA, serialize, type Write } from "./model.ts";

const anyWrites = fc.array(anyWrite, { maxLength: 12 });
const anyPageSizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 });

/** Rows in the storage differ from those of an earlier run: each run begins by deleting them. */
function start(database: Database, writes: readonly Write[]): Map<string, Row> {
  const model = new Map<string, Row>();
  mutate(database, (tx) => {
    for (const row of query(tx, {
      source: { type: "FullTableScan", tableName: "items", order: null },
      operators: [],
    })) {
      tx.delete("", row["_id"] as string);
    }
    for (const write of writes) applyWrite(tx, model, write);
  });
  return model;
}

function commitWrites(database: Database, model: Map<string, Row>, writes: readonly Write[]): Commit | null {
  const tx = database.begin("mutation");
  for (const write of writes) applyWrite(tx, model, write);
  return database.commit(tx);
}

/** All pages of a query, one after the other. */
function readPages(
  tx: Transaction,
  serialized: ReturnType<typeof serialize>,
  sizes: readonly number[],
): Row[][] {
  const pages: Row[][] = [];
  let cursor: string | null = null;
  for (let i = 0; i < 1000; i++) {
    const { rows, isDone, continueCursor } = page(tx, {
      query: serialized,
      cursor,
      pageSize: sizes[i % sizes.length] ?? 1,
    });
    pages.push(rows);
    cursor = continueCursor;
    if (isDone) return pages;
  }
  throw new Error("The pages do not come to an end");
}

describe.each(STORAGES)("on %s", (_, open) => {
  test("[E2.3] [E7.10] queries give what a plain list would: stored, uncommitted, rolled back, committed", () => {
    const database = openTestDatabase(open, MODEL_SCHEMA);
    fc.assert(
      fc.property(
        anyWrites,
        anyWrites,
        anyWrites,
        fc.array(anyQuery, { minLength: 1, maxLength: 4 }),
        (stored, uncommitted, undone, queries) => {
          const model = start(database, stored);
          const tx = database.begin("mutation");
          const check = (at: Transaction): void => {
            for (const one of queries) expect(query(at, serialize(one))).toEqual(answer(model, one));
            expect(at.count("", "items")).toBe(model.size);
          };
          check(tx);
          for (const write of uncommitted) applyWrite(tx, model, write);
          check(tx);
          const savepoint = tx.savepoint();
          const before = new Map(model);
          for (const write of undone) applyWrite(tx, model, write);
          check(tx);
          tx.rollbackTo(savepoint);
          model.clear();
          for (const [id, row] of before) model.set(id, row);
          check(tx);
          database.commit(tx);
          check(database.begin("query"));
        },
      ),
      { numRuns: 150 },
    );
  });

  test("[E7.13] pages put together are the query's result, through uncommitted writes too", () => {
    const database = openTestDatabase(open, MODEL_SCHEMA);
    fc.assert(
      fc.property(anyWrites, anyWrites, anyQuery, anyPageSizes, (stored, uncommitted, one, sizes) => {
        const model = start(database, stored);
        const tx = database.begin("mutation");
        for (const write of uncommitted) applyWrite(tx, model, write);
        const unlimited = { ...one, limit: null };
        expect(readPages(tx, serialize(unlimited), sizes).flat()).toEqual(answer(model, unlimited));
      }),
      { numRuns: 100 },
    );
  });

  test("[E7.13] a page with an end holds all rows between its cursors, whatever was written meanwhile", () => {
    const database = openTestDatabase(open, MODEL_SCHEMA);
    fc.assert(
      fc.property(
        anyWrites,
        anyWrites,
        anyQuery,
        fc.integer({ min: 1, max: 3 }),
        (stored, later, one, pageSize) => {
          const model = start(database, stored);
          const unlimited = serialize({ ...one, limit: null });
          const first = page(database.begin("query"), { query: unlimited, pageSize });
          const second = page(database.begin("query"), {
            query: unlimited,
            pageSize,
            cursor: first.continueCursor,
          });
          commitWrites(database, model, later);
          const tx = database.begin("query");
          const again = [
            page(tx, { query: unlimited, pageSize, endCursor: first.continueCursor }),
            page(tx, {
              query: unlimited,
              pageSize,
              cursor: first.continueCursor,
              endCursor: second.continueCursor,
            }),
          ];
          expect(again.map(({ continueCursor }) => continueCursor)).toEqual([
            first.continueCursor,
            second.continueCursor,
          ]);
          const rest = second.isDone ? [] : readPages(database.begin("query"), unlimited, [2]).flat();
          const together = again.flatMap(({ rows }) => rows);
          const all = answer(model, { ...one, limit: null });
          expect(together).toEqual(all.slice(0, together.length));
          if (second.isDone) expect(together).toEqual(all);
          else expect(rest).toEqual(all);
        },
      ),
      { numRuns: 100 },
    );
  });

  test("[E6.2] if a commit changes what a query returned, the two overlap", () => {
    const database = openTestDatabase(open, MODEL_SCHEMA);
    let changed = 0;
    let quiet = 0;
    fc.assert(
      fc.property(
        anyWrites,
        fc.array(anyWrite, { minLength: 1, maxLength: 2 }),
        anyQuery,
        (stored, later, one) => {
          const model = start(database, stored);
          const tx = database.begin("query");
          const before = query(tx, serialize(one));
          const commit = commitWrites(database, model, later);
          const after = query(database.begin("query"), serialize(one));
          const overlaps = commit !== null && tx.readSet.overlaps(commit.writes);
          if (JSON.stringify(before) !== JSON.stringify(after)) {
            changed++;
            expect(overlaps).toBe(true);
          } else if (!overlaps) {
            quiet++;
          }
        },
      ),
      { numRuns: 400 },
    );
    // The property says something only if both happen.
    expect(changed).toBeGreaterThan(20);
    expect(quiet).toBeGreaterThan(20);
  });

  test("[E6.6] the index of subscriptions finds exactly those that overlap", () => {
    const database = openTestDatabase(open, MODEL_SCHEMA);
    fc.assert(
      fc.property(
        anyWrites,
        fc.array(anyQuery, { maxLength: 15 }),
        fc.array(fc.nat(), { maxLength: 5 }),
        anyWrites,
        (stored, queries, removed, later) => {
          const model = start(database, stored);
          const subscriptions = createSubscriptionIndex<number>();
          const reads = new Map<number, ReadSet>();
          for (const [name, one] of queries.entries()) {
            const tx = database.begin("query");
            query(tx, serialize(one));
            subscriptions.add(name, tx.readSet);
            // Added once more, as after each execution.
            subscriptions.add(name, tx.readSet);
            reads.set(name, tx.readSet);
          }
          for (const name of removed) {
            subscriptions.remove(name);
            reads.delete(name);
          }
          expect(subscriptions.size).toBe(reads.size);
          const commit = commitWrites(database, model, later);
          if (commit === null) return;
          const expected = [...reads].filter(([, set]) => set.overlaps(commit.writes)).map(([name]) => name);
          expect([...subscriptions.matching(commit.writes)].sort()).toEqual(expected.sort());
        },
      ),
      { numRuns: 100 },
    );
  });
});
