import { beforeEach, describe, expect, test, vi, afterEach } from "vitest";
import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";
import { openDatabase } from "../../../embedded/database/database.ts";
import type { Database } from "../../../embedded/database/types.ts";
import { createMemoryStorage } from "../../../embedded/storage/memoryStorage.ts";
import { tableNumberOf } from "../../../embedded/values/ids.ts";
import { get, indexRange, mutate, openTestDatabase, query, STORAGES, tableScan } from "./helpers.ts";

const SCHEMA = defineSchema({
  users: defineTable({ name: v.string(), age: v.optional(v.number()) }).index("by_name", ["name"]),
  posts: defineTable({ author: v.id("users") }),
  anything: defineTable(v.any()),
});

const UNKNOWN_ID = "z43zp6c3e75gkmz1kfwj6mbbx5sw281h";

describe.each(STORAGES)("on %s", (_, open) => {
  let database: Database;
  beforeEach(() => {
    database = openTestDatabase(open, SCHEMA);
  });

  describe("one document", () => {
    test("[E2.3] is seen by its own transaction, and by others from the commit on", () => {
      const tx = database.begin("mutation");
      const id = tx.insert("", "users", { name: "Ada" });
      expect(get(tx, id)).toEqual({ _id: id, _creationTime: expect.any(Number), name: "Ada" });
      expect(get(database.begin("query"), id)).toBe(null);
      database.commit(tx);
      expect(get(database.begin("query"), id)).toMatchObject({ name: "Ada" });
    });

    test("patch merges, and removes a field given as undefined; replace keeps the system fields only", () => {
      const id = mutate(database, (tx) => tx.insert("", "users", { name: "Ada", age: 1 }));
      const before = get(database.begin("query"), id);
      mutate(database, (tx) => tx.patch("", id, { age: 2 }));
      expect(get(database.begin("query"), id)).toEqual({ ...before, age: 2 });
      const patched = mutate(database, (tx) => tx.patch("", id, { age: { $undefined: null } }));
      expect(JSON.parse(patched)).toEqual({ _id: id, _creationTime: before?._creationTime, name: "Ada" });
      mutate(database, (tx) => tx.replace("", id, { name: "Grace" }));
      expect(get(database.begin("query"), id)).toEqual({
        _id: id,
        _creationTime: before?._creationTime,
        name: "Grace",
      });
      const removed = mutate(database, (tx) => tx.delete("", id));
      expect(JSON.parse(removed)).toMatchObject({ name: "Grace" });
      expect(get(database.begin("query"), id)).toBe(null);
      expect(query(database.begin("query"), indexRange("users.by_name"))).toEqual([]);
    });

    test("[E3.3] changed and changed back is no write; made and removed again neither", () => {
      const id = mutate(database, (tx) => tx.insert("", "users", { name: "Ada" }));
      const ts = database.ts;
      const tx = database.begin("mutation");
      tx.patch("", id, { name: "Bob" });
      tx.patch("", id, { name: "Ada" });
      tx.delete("", tx.insert("", "users", { name: "Carl" }));
      tx.replace("", id, { name: "Ada" });
      expect(database.commit(tx)).toBe(null);
      expect(database.ts).toBe(ts);
      expect(database.begin("query").count("", "users")).toBe(1);
    });

    test.each<[string, (database: Database) => unknown, string]>([
      [
        "get",
        (d) => d.begin("query").get("", "x"),
        "Invalid argument `id` for `db.get`: Unable to decode ID: Invalid ID length 1",
      ],
      [
        "patch of nothing",
        (d) =>
          mutate(d, (tx) => {
            const id = tx.insert("", "users", { name: "A" });
            tx.delete("", id);
            tx.patch("", id, {});
          }),
        "Update on nonexistent document ID",
      ],
      [
        "replace of nothing",
        (d) =>
          mutate(d, (tx) => {
            const id = tx.insert("", "users", { name: "A" });
            tx.delete("", id);
            tx.replace("", id, {});
          }),
        "Replace on nonexistent document ID",
      ],
      [
        "delete of nothing",
        (d) =>
          mutate(d, (tx) => {
            const id = tx.insert("", "users", { name: "A" });
            tx.delete("", id);
            tx.delete("", id);
          }),
        "Delete on nonexistent document ID",
      ],
      [
        "patch of an unknown table",
        (d) => mutate(d, (tx) => tx.patch("", UNKNOWN_ID, {})),
        `Invalid argument \`id\` for \`db.patch\`: Table for ID "${UNKNOWN_ID}" not found`,
      ],
      [
        "a table that was not expected",
        (d) => mutate(d, (tx) => tx.get("", tx.insert("", "users", { name: "A" }), "posts")),
        'Invalid argument `id` for `db.get`: expected to be an Id<"posts">, got Id<"users"> instead.',
      ],
      [
        "no object",
        (d) => mutate(d, (tx) => tx.insert("", "users", [1])),
        "Invalid argument `value` for `db.insert`: Value must be an Object",
      ],
      [
        "no table name",
        (d) => mutate(d, (tx) => tx.insert("", "no name", {})),
        'Invalid table name: "no name"',
      ],
      [
        "a system table",
        (d) => mutate(d, (tx) => tx.insert("", "_storage", {})),
        "System tables can only be accessed with db.system.",
      ],
    ])("refuses: %s", (_name, work, message) => {
      expect(() => work(database)).toThrow(message);
    });

    test("get of an id of an unknown table is null", () => {
      expect(database.begin("query").get("", UNKNOWN_ID)).toBe(null);
    });

    test("[E7.9] `_id` and `_creationTime` may be sent back, and not changed; other names with `_` are refused", () => {
      const id = mutate(database, (tx) => tx.insert("", "anything", { a: 1 }));
      const document = get(database.begin("query"), id) ?? {};
      mutate(database, (tx) => {
        tx.replace("", id, { ...document, a: 2 });
        tx.patch("", id, { ...document, a: 3 });
      });
      expect(get(database.begin("query"), id)).toEqual({ ...document, a: 3 });
      expect(() => mutate(database, (tx) => tx.replace("", id, { ...document, _id: UNKNOWN_ID }))).toThrow(
        `but its '_id' field is "${UNKNOWN_ID}"`,
      );
      expect(() => mutate(database, (tx) => tx.patch("", id, { _creationTime: 1 }))).toThrow(
        "'_creationTime' field",
      );
      expect(() => mutate(database, (tx) => tx.insert("", "anything", { _a: 1 }))).toThrow(
        "Field '_a' starts with an underscore, which is only allowed for system fields like '_id'",
      );
      expect(() => mutate(database, (tx) => tx.insert("", "anything", { a: { _b: 1 } }))).not.toThrow();
    });

    test("[E7.7] that does not fit its schema is refused, in Convex's words", () => {
      expect(() => mutate(database, (tx) => tx.insert("", "users", { name: 1 }))).toThrow(
        'Failed to insert or update a document in table "users" because it does not match the schema: Value does not ' +
          "match validator.\nPath: .name\nValue: 1.0\nValidator: v.string()",
      );
      const id = mutate(database, (tx) => tx.insert("", "users", { name: "A" }));
      expect(() => mutate(database, (tx) => tx.patch("", id, { name: { $undefined: null } }))).toThrow(
        "Object is missing the required field `name`",
      );
      expect(() => mutate(database, (tx) => tx.insert("", "posts", { author: "nobody" }))).toThrow(
        'v.id("users")',
      );
      const post = mutate(database, (tx) => tx.insert("", "posts", { author: id }));
      expect(() => mutate(database, (tx) => tx.insert("", "posts", { author: post }))).toThrow(
        'from table `posts`, which does not match the table name in validator `v.id("users")`',
      );
    });
  });

  describe("transactions", () => {
    test("[E3.1] not committed: nothing has changed", () => {
      const tx = database.begin("mutation");
      tx.insert("", "users", { name: "Ada" });
      tx.insert("", "made_up", {});
      expect(query(database.begin("query"), tableScan("users"))).toEqual([]);
      expect(database.begin("query").count("", "made_up")).toBe(0);
    });

    test("[E3.2] rolled back to a savepoint: writes after it are gone, those before it and all reads stay", () => {
      const id = mutate(database, (tx) => tx.insert("", "users", { name: "Ada" }));
      const tx = database.begin("mutation");
      tx.patch("", id, { name: "Bob" });
      const outer = tx.savepoint();
      const inserted = tx.insert("", "users", { name: "Carl" });
      const inner = tx.savepoint();
      tx.patch("", id, { name: "Dora" });
      tx.delete("", inserted);
      query(tx, indexRange("users.by_name"));
      tx.rollbackTo(inner);
      expect(query(tx, indexRange("users.by_name")).map((row) => row["name"])).toEqual(["Bob", "Carl"]);
      tx.rollbackTo(outer);
      expect(query(tx, indexRange("users.by_name")).map((row) => row["name"])).toEqual(["Bob"]);
      expect(tx.count("", "users")).toBe(1);
      const reads = tx.readSet;
      const commit = database.commit(tx);
      expect(commit !== null && reads.overlaps(commit.writes)).toBe(true);
      expect(query(database.begin("query"), tableScan("users")).map((row) => row["name"])).toEqual(["Bob"]);
    });

    test("[E3.4] a query cannot write", () => {
      const id = mutate(database, (tx) => tx.insert("", "users", { name: "Ada" }));
      const tx = database.begin("query");
      for (const write of [
        () => tx.insert("", "users", { name: "A" }),
        () => tx.patch("", id, {}),
        () => tx.replace("", id, { name: "A" }),
        () => tx.delete("", id),
      ]) {
        expect(write).toThrow("only mutations can write");
      }
    });

    test("[E2.1] used after another commit, it throws", () => {
      const id = mutate(database, (tx) => tx.insert("", "users", { name: "Ada" }));
      const stale = database.begin("mutation");
      stale.patch("", id, { name: "Bob" });
      mutate(database, (tx) => tx.patch("", id, { name: "Carl" }));
      expect(() => stale.get("", id)).toThrow("another one had committed");
      expect(() => database.commit(stale)).toThrow("another one had committed");
      expect(get(database.begin("query"), id)).toMatchObject({ name: "Carl" });
    });

    test("[E3.5] documents, index entries and counts move together", () => {
      const ids = mutate(database, (tx) => [3, 1, 2].map((n) => tx.insert("", "users", { name: `u${n}` })));
      mutate(database, (tx) => {
        tx.patch("", ids[0] as string, { name: "u0" });
        tx.delete("", ids[1] as string);
      });
      const tx = database.begin("query");
      expect(query(tx, indexRange("users.by_name")).map((row) => row["name"])).toEqual(["u0", "u2"]);
      expect(query(tx, tableScan("users")).map((row) => row["name"])).toEqual(["u0", "u2"]);
      expect(tx.count("", "users")).toBe(2);
    });
  });

  describe("[E7.4] tables and components", () => {
    test("user tables are numbered from 10,001 on, in each component on its own", () => {
      const [root, child] = mutate(database, (tx) => [
        tx.insert("", "users", { name: "A" }),
        tx.insert("child", "t", {}),
      ]);
      expect([tableNumberOf(root), tableNumberOf(child)]).toEqual([10_001, 10_001]);
    });

    test("an id of another component is not found, though its table number is the same", () => {
      const id = mutate(database, (tx) => tx.insert("child", "t", { secret: true }));
      const tx = database.begin("mutation");
      expect(tx.get("", id)).toBe(null);
      expect(() => tx.patch("", id, { secret: false })).toThrow("nonexistent document");
      expect(tx.get("child", id)).not.toBe(null);
      expect(query(tx, tableScan("t"))).toEqual([]);
    });

    test("normalizeId and tableOf", () => {
      const id = mutate(database, (tx) => tx.insert("", "users", { name: "A" }));
      const tx = database.begin("query");
      expect(tx.normalizeId("", "users", id)).toBe(id);
      expect(tx.normalizeId("", "posts", id)).toBe(null);
      expect(tx.normalizeId("", "users", "x")).toBe(null);
      expect(tx.normalizeId("elsewhere", "users", id)).toBe(null);
      expect(tx.tableOf("", id)).toBe("users");
      expect(tx.tableOf("", "x")).toBe(null);
    });
  });

  describe("[E7.17] system tables", () => {
    test("are written by the backend, read through `db.system`, and closed to functions otherwise", () => {
      const file = mutate(database, (tx) => tx.system.insert("", "_storage", { size: 3 }));
      const secret = mutate(database, (tx) => tx.system.insert("", "_settings", { key: "k", value: "v" }));
      const tx = database.begin("mutation");
      expect(JSON.parse(tx.get("", file, undefined, true) ?? "null")).toMatchObject({ size: 3 });
      expect(() => tx.get("", file)).toThrow("System tables can only be accessed with db.system.");
      expect(query(tx, tableScan("_storage"))).toHaveLength(1);
      expect(tx.get("", secret, undefined, true)).toBe(null);
      expect(query(tx, tableScan("_settings"))).toEqual([]);
      expect(tx.count("", "_settings")).toBe(0);
      expect(() => tx.patch("", file, {})).toThrow("System tables can only be accessed with db.system.");
      expect(() => tx.delete("", secret)).toThrow("System tables can only be accessed with db.system.");
      const user = tx.insert("", "users", { name: "A" });
      expect(() => tx.get("", user, undefined, true)).toThrow(
        "User tables cannot be accessed with db.system.",
      );
    });

    test("`system.query` gives the rows of a prefix, in order, up to a value and a limit", () => {
      mutate(database, (tx) => {
        for (const name of ["b", "a", "c", "d"]) tx.system.insert("", "_crons", { component: "x", name });
        tx.system.insert("", "_crons", { component: "y", name: "a" });
      });
      const { system } = database.begin("query");
      const names = (...args: Parameters<typeof system.query>): unknown[] =>
        system.query(...args).map((row) => row["name"]);
      expect(names("", "_crons", "by_name", ["x"])).toEqual(["a", "b", "c", "d"]);
      expect(names("", "_crons", "by_name", ["x"], { order: "desc", limit: 2 })).toEqual(["d", "c"]);
      expect(names("", "_crons", "by_name", ["x"], { upTo: "b" })).toEqual(["a", "b"]);
      expect(names("", "_crons", "by_name", ["x", "c"])).toEqual(["c"]);
      expect(names("", "_crons", "by_name", ["x"], { limit: 0 })).toEqual([]);
      expect(names("", "_crons", "by_name", [])).toHaveLength(5);
    });

    test("get, patch and delete of rows; unknown tables are a defect", () => {
      const id = mutate(database, (tx) => tx.system.insert("", "_settings", { key: "k", value: 1 }));
      mutate(database, (tx) => {
        tx.system.patch("", id, { value: 2 });
      });
      expect(database.begin("query").system.get("", id)).toMatchObject({ key: "k", value: 2 });
      mutate(database, (tx) => {
        tx.system.delete("", id);
      });
      expect(database.begin("query").system.get("", id)).toBe(null);
      expect(() => database.begin("query").system.query("", "_nothing", "by_id", [])).toThrow(
        "no system table",
      );
      expect(() => database.begin("query").system.query("child", "_settings", "by_key", [])).toThrow(
        "no system table",
      );
    });
  });
});

describe("time", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test("[E2.2] [E7.8] timestamps and creation times only grow: in one instant, with the clock set back, over a restart", () => {
    vi.useFakeTimers({ now: 1_700_000_000_000 });
    const storage = createMemoryStorage();
    const times: bigint[] = [];
    const creationTimes: number[] = [];
    let database = openDatabase(storage);
    const insert = (count: number): void => {
      const tx = database.begin("mutation");
      for (let i = 0; i < count; i++) {
        const document = get(tx, tx.insert("", "t", {}));
        creationTimes.push(document?.["_creationTime"] as number);
      }
      times.push(database.commit(tx)?.ts ?? -1n);
    };
    insert(3);
    insert(1);
    vi.setSystemTime(1_600_000_000_000);
    insert(2);
    database.flush();
    database = openDatabase(storage);
    insert(1);
    vi.setSystemTime(1_700_000_001_000);
    insert(1);
    expect(times[0]).toBe(1_700_000_000_000_000_000n);
    expect(times.at(-1)).toBe(1_700_000_001_000_000_000n);
    expect(creationTimes[0]).toBe(1_700_000_000_000);
    expect(creationTimes.at(-1)).toBe(1_700_000_001_000);
    for (const list of [times, creationTimes]) {
      for (let i = 1; i < list.length; i++) expect((list[i] as number) > (list[i - 1] as number)).toBe(true);
    }
    expect(query(database.begin("query"), tableScan("t")).map((row) => row["_creationTime"])).toEqual(
      creationTimes,
    );
  });
});

test("[E3.6] a commit that was ended half-way makes every further call throw", () => {
  const storage = createMemoryStorage();
  const database = openDatabase(storage);
  const tx = database.begin("mutation");
  tx.insert("", "t", {});
  vi.spyOn(storage, "putEntry").mockImplementationOnce(() => {
    throw new Error("Script execution timed out");
  });
  expect(() => database.commit(tx)).toThrow("timed out");
  for (const call of [
    () => database.begin("query"),
    () => database.commit(tx),
    () => {
      database.flush();
    },
  ]) {
    expect(call).toThrow("A commit was interrupted");
  }
});
