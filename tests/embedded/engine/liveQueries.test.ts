/** [E6] Sharing, counted on the engine itself. */
import { describe, expect, test } from "vitest";
import type { Transaction } from "../../../embedded/database/types.ts";
import type { FunctionCall, Identity } from "../../../embedded/functions/types.ts";
import { callOf, openEngine, person, Watcher } from "./harness.ts";

type Context = { tx: Transaction; call: FunctionCall; readIdentity: () => Identity | null };

const textsIn = ({ tx }: Context, table: string): string[] => {
  const cursor = tx.openQuery("", {
    source: { type: "FullTableScan", tableName: table, order: null },
    operators: [],
  });
  const texts: string[] = [];
  for (let next = cursor.next(); next !== null; next = cursor.next())
    texts.push((JSON.parse(next) as { text: string }).text);
  return texts;
};
/** Keeps the processor busy for so many milliseconds. */
const spin = (ms: number): null => {
  for (const end = performance.now() + ms; performance.now() < end;);
  return null;
};

const insert =
  (table: string) =>
  ({ tx, call }: Context) =>
    tx.insert("", table, call.args);

const functions = {
  notes: (context: Context) => textsIn(context, "notes"),
  others: (context: Context) => textsIn(context, "others"),
  /** Looks at the identity only once there is something. */
  perhapsMine: (context: Context) => {
    const texts = textsIn(context, "notes");
    if (texts.length === 0) return "nothing";
    const subject = context.readIdentity()?.subject;
    return `${typeof subject === "string" ? subject : "nobody"}: ${texts.join()}`;
  },
  throws: () => {
    throw new Error("no");
  },
  addNote: insert("notes"),
  addOther: insert("others"),
  clear: (context: Context) => {
    const { tx } = context;
    const cursor = tx.openQuery("", {
      source: { type: "FullTableScan", tableName: "notes", order: null },
      operators: [],
    });
    const ids: string[] = [];
    for (let next = cursor.next(); next !== null; next = cursor.next())
      ids.push((JSON.parse(next) as { _id: string })._id);
    for (const id of ids) tx.delete("", id);
  },
};

describe("equal subscriptions", () => {
  test("[E6.8] 1,000 of them run once, once per commit that touches them, and never for others", async () => {
    const { engine, ran } = openEngine(functions);
    const watchers = Array.from({ length: 1000 }, () => new Watcher(engine).watch(callOf("notes")));
    await Promise.all(watchers.map((watcher) => watcher.until("[]")));
    expect(ran).toEqual(["notes"]);
    await engine.mutation(callOf("addNote", { text: "a" }));
    await Promise.all(watchers.map((watcher) => watcher.until('["a"]')));
    expect(ran).toEqual(["notes", "addNote", "notes"]);
    for (let i = 0; i < 10; i++) await engine.mutation(callOf("addOther", { text: "a" }));
    expect(ran.filter((path) => path === "notes")).toHaveLength(2);
    const [first, second] = watchers;
    expect(first?.subscriptions[0]?.read().text).toBe(second?.subscriptions[0]?.read().text);
  });

  test("a failure is a result like any other", async () => {
    const { engine, ran } = openEngine(functions);
    const watchers = [
      new Watcher(engine).watch(callOf("throws")),
      new Watcher(engine).watch(callOf("throws")),
    ];
    await Promise.all(watchers.map((watcher) => watcher.until('"Error: no"')));
    expect(ran).toEqual(["throws"]);
  });

  test("when the last one is gone, its query does not run any more", async () => {
    const { engine, ran } = openEngine(functions);
    const watcher = new Watcher(engine).watch(callOf("notes"));
    await watcher.until("[]");
    for (const subscription of watcher.subscriptions.splice(0)) subscription.unsubscribe();
    await engine.mutation(callOf("addNote", { text: "a" }));
    await engine.query(callOf("others"));
    expect(ran).toEqual(["notes", "addNote", "others"]);
  });
});

describe("identities", () => {
  test("[E6.7] shared until it is looked at, then one for each identity, then shared again", async () => {
    const { engine, ran } = openEngine(functions);
    const people = [person("ann"), person("ann"), person("bob"), null];
    const watchers = people.map((identity) => new Watcher(engine).watch(callOf("perhapsMine", {}, identity)));
    await Promise.all(watchers.map((watcher) => watcher.until('"nothing"')));
    expect(ran.splice(0)).toEqual(["perhapsMine"]);

    await engine.mutation(callOf("addNote", { text: "x" }));
    await Promise.all([
      watchers[0]?.until('"ann: x"'),
      watchers[1]?.until('"ann: x"'),
      watchers[2]?.until('"bob: x"'),
      watchers[3]?.until('"nobody: x"'),
    ]);
    expect(ran.splice(0)).toEqual(["addNote", "perhapsMine", "perhapsMine", "perhapsMine"]);

    await engine.mutation(callOf("clear"));
    await Promise.all(watchers.map((watcher) => watcher.until('"nothing"')));
    expect(ran.splice(0)).toEqual(["clear", "perhapsMine"]);
    await engine.mutation(callOf("addNote", { text: "y" }));
    await watchers[2]?.until('"bob: y"');
  });
});

describe("delivery", () => {
  test("[E2.4] all queries of an observer are of one timestamp", async () => {
    const { engine } = openEngine(functions);
    const watcher = new Watcher(engine).watch(callOf("notes")).watch(callOf("others"));
    await watcher.until("[]", "[]");
    const { ts } = await engine.mutation(callOf("addNote", { text: "a" }));
    await engine.mutation(callOf("addOther", { text: "b" }));
    await watcher.until('["a"]', '["b"]');
    expect(watcher.deliveries.at(-1)?.ts).toBeGreaterThan(ts);
    // Never the second without the first.
    expect(watcher.deliveries.some(({ texts }) => texts[0] === "[]" && texts[1] !== "[]")).toBe(false);
  });

  test("[E6.10] a query of those who are not ready does not run; when one is, it gets the newest result only", async () => {
    const { engine, ran } = openEngine(functions);
    const watcher = new Watcher(engine).watch(callOf("notes"));
    await watcher.until("[]");
    watcher.isReady = false;
    for (const text of ["a", "b", "c"]) await engine.mutation(callOf("addNote", { text }));
    await engine.query(callOf("others"));
    expect(ran.filter((path) => path === "notes")).toHaveLength(1);
    watcher.isReady = true;
    engine.liveQueries.schedule(watcher);
    await watcher.until('["a","b","c"]');
    expect(watcher.deliveries).toHaveLength(2);
  });

  test("subscribing while a round is open is for the next one", async () => {
    const { engine } = openEngine(functions);
    const late = new Watcher(engine);
    const early = new Watcher(engine);
    const deliver = early.deliver.bind(early);
    early.deliver = (ts, changed) => {
      deliver(ts, changed);
      if (late.subscriptions.length === 0) late.watch(callOf("others"));
    };
    early.watch(callOf("notes"));
    await late.until("[]");
  });

  test("[E6.14] of 2,000 queries of one observer, only those that a commit touched are looked at", async () => {
    const { engine, ran } = openEngine(functions);
    const watcher = new Watcher(engine).watch(callOf("notes"));
    for (let place = 1; place < 2000; place++) watcher.watch(callOf("others", { place }));
    await watcher.until(...Array<string>(2000).fill("[]"));
    ran.length = 0;
    await engine.mutation(callOf("addNote", { text: "a" }));
    await expect.poll(() => watcher.latest?.[0]).toBe('["a"]');
    expect(ran).toEqual(["addNote", "notes"]);
    expect(watcher.changed.at(-1)).toEqual([watcher.subscriptions[0]]);
  });

  test("[E6.13] an observer with many slow queries holds up neither the others nor anybody's writes", async () => {
    const { engine } = openEngine({ ...functions, slow: () => spin(2) });
    const order: string[] = [];
    const note = (name: string) => () => order.push(name);
    const greedy = new Watcher(engine);
    for (let place = 0; place < 200; place++) greedy.watch(callOf("slow", { place }));
    const delivered = greedy.until(...Array<string>(200).fill("null")).then(note("greedy"));
    const modest = new Watcher(engine).watch(callOf("notes"));
    await Promise.all([
      delivered,
      modest.until("[]").then(note("modest")),
      engine.mutation(callOf("addOther", { text: "a" })).then(note("write")),
    ]);
    expect(order.at(-1)).toBe("greedy");
  });

  test("[E6.13] an observer whose queries change while they are run gets them all, at one timestamp", async () => {
    const { engine } = openEngine({
      ...functions,
      slowNotes: (context: Context) => (spin(1), textsIn(context, "notes").length),
    });
    const watcher = new Watcher(engine);
    for (let place = 0; place < 40; place++) watcher.watch(callOf("slowNotes", { place }));
    let writes = 0;
    // Each touches all of them, and comes before they could all be run in one of the first turns.
    for (; watcher.latest === undefined; writes++) await engine.mutation(callOf("addNote", { text: "a" }));
    await watcher.until(...Array<string>(40).fill(String(writes)));
    for (const { texts } of watcher.deliveries) expect(new Set(texts).size).toBe(1);
  });

  test("[E6.13] the sockets of one payer share their part of a round: many of them do not delay another's result", async () => {
    const { engine } = openEngine({ ...functions, slow: () => spin(9) });
    const order: string[] = [];
    const greedy = Array.from({ length: 60 }, (_, place) => {
      const watcher = new Watcher(engine);
      watcher.payer = "person greedy";
      watcher.watch(callOf("slow", { place }));
      return watcher.until("null").then(() => order.push("greedy"));
    });
    const modest = new Watcher(engine);
    modest.payer = "person modest";
    modest.watch(callOf("notes"));
    await Promise.all([...greedy, modest.until("[]").then(() => order.push("modest"))]);
    expect(order.indexOf("modest")).toBeLessThan(20);
  });

  test("[E6.9] an unchanged result stays the same text", async () => {
    const { engine } = openEngine({
      ...functions,
      hasAny: (context: Context) => textsIn(context, "notes").length > 0,
    });
    const watcher = new Watcher(engine).watch(callOf("hasAny"));
    await engine.mutation(callOf("addNote", { text: "a" }));
    await watcher.until("true");
    const deliveries = watcher.deliveries.length;
    await engine.mutation(callOf("addNote", { text: "b" }));
    await expect.poll(() => watcher.deliveries.length).toBe(deliveries + 1);
    expect(watcher.latest).toEqual(["true"]);
  });

  test("[E17.4] new functions: every live query runs again", async () => {
    let version = 1;
    const { engine } = openEngine({ version: () => version });
    const watcher = new Watcher(engine).watch(callOf("version"));
    await watcher.until("1");
    version = 2;
    engine.invalidateAll();
    await watcher.until("2");
  });
});
