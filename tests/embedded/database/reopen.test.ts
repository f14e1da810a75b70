import { expect, test } from "vitest";
import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";
import fc from "fast-check";
import { openDatabase } from "../../../embedded/database/database.ts";
import { openSqliteStorage } from "../../../embedded/storage/sqliteStorage.ts";
import { temporaryFolder } from "../storage/temporaryFolder.ts";
import { indexRange, mutate, push, query, search, tableScan, type Row } from "./helpers.ts";
import { answer, anyQuery, anyWrite, applyWrite, MODEL_SCHEMA, serialize } from "./model.ts";

test("[E5.1] after any run of commits and flushes, a lost process leaves the state of the last flush", () => {
  const folder = temporaryFolder();
  let files = 0;
  const anyTransactions = fc.array(
    fc.record({ writes: fc.array(anyWrite, { maxLength: 6 }), flush: fc.boolean() }),
    {
      maxLength: 5,
    },
  );
  fc.assert(
    fc.property(
      anyTransactions,
      fc.array(anyQuery, { minLength: 1, maxLength: 3 }),
      (transactions, queries) => {
        const file = `${folder}/${files++}.sqlite`;
        const storage = openSqliteStorage(file);
        const database = openDatabase(storage);
        push(database, MODEL_SCHEMA);
        const model = new Map<string, Row>();
        let durable = new Map(model);
        let durableTs = database.ts;
        for (const { writes, flush } of transactions) {
          mutate(database, (tx) => {
            for (const write of writes) applyWrite(tx, model, write);
          });
          if (!flush) continue;
          database.flush();
          durable = new Map(model);
          durableTs = database.ts;
        }
        // As if the process had been killed: nothing is flushed.
        storage.close();

        const again = openDatabase(openSqliteStorage(file));
        const tx = again.begin("query");
        expect(again.ts).toBe(durableTs);
        expect(tx.count("", "items")).toBe(durable.size);
        for (const one of queries) expect(query(tx, serialize(one))).toEqual(answer(durable, one));
        again.close();
      },
    ),
    { numRuns: 25 },
  );
});

test("[E5.1] closed and opened again: tables, indexes, validators, search and ids are as they were", () => {
  const file = `${temporaryFolder()}/data.sqlite`;
  const schema = defineSchema({
    notes: defineTable({ text: v.string() })
      .index("by_text", ["text"])
      .searchIndex("search_text", { searchField: "text" }),
  });
  const first = openDatabase(openSqliteStorage(file));
  push(first, schema);
  const id = mutate(first, (tx) => tx.insert("", "notes", { text: "b apple" }));
  mutate(first, (tx) => tx.insert("child", "made", { x: 1 }));
  const { ts } = first;
  first.close();

  const second = openDatabase(openSqliteStorage(file));
  expect(second.ts).toBe(ts);
  expect(() => mutate(second, (tx) => tx.insert("", "notes", { text: 1 }))).toThrow(
    "does not match the schema",
  );
  mutate(second, (tx) => tx.insert("", "notes", { text: "a apple" }));
  const tx = second.begin("query");
  expect(query(tx, indexRange("notes.by_text")).map((row) => row["text"])).toEqual(["a apple", "b apple"]);
  expect(query(tx, search("notes.search_text", "apple"))).toHaveLength(2);
  expect(query(tx, tableScan("made"), "child")).toMatchObject([{ x: 1 }]);
  expect(tx.tableOf("", id)).toBe("notes");
  second.close();
});
