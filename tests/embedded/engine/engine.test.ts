import { describe, expect, test, vi } from "vitest";
import { EngineClosedError } from "../../../embedded/engine/types.ts";
import type { Transaction } from "../../../embedded/database/types.ts";
import { callOf, openEngine, Watcher } from "./harness.ts";

const count = (tx: Transaction): number => tx.count("", "notes");
const functions = {
  add: ({ tx, call }: { tx: Transaction; call: { args: unknown } }) => {
    tx.insert("", "notes", call.args as never);
    return count(tx);
  },
  addAndThrow: ({ tx }: { tx: Transaction }) => {
    tx.insert("", "notes", {});
    throw new Error("no");
  },
  count: ({ tx }: { tx: Transaction }) => count(tx),
  loop: ({ tx }: { tx: Transaction }) => {
    tx.insert("", "notes", {});
    for (;;);
  },
};

test("[E16.4] a query that nobody waits for any more is not run; those behind it are", async () => {
  const { engine, ran } = openEngine({ first: () => 1, second: () => 2 });
  const left = new AbortController();
  const abandoned = [1, 2, 3].map(() => engine.query(callOf("first"), null, left.signal));
  const other = engine.query(callOf("second"));
  left.abort(new Error("left"));
  for (const query of abandoned) await expect(query).rejects.toThrow("left");
  await other;
  expect(ran).toEqual(["second"]);
});

describe("groups", () => {
  test("[E5.2] mutations that wait together are made durable by one flush, and answered after it", async () => {
    const { engine, flushes } = openEngine(functions);
    const before = flushes();
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => engine.mutation(callOf("add"))));
    expect(flushes() - before).toBeLessThan(10);
    expect(outcomes.map(({ result }) => result.ok && result.value)).toEqual(
      Array.from({ length: 100 }, (_, i) => i + 1),
    );
    const stamps = outcomes.map(({ ts }) => ts);
    expect([...stamps].sort((a, b) => (a < b ? -1 : 1))).toEqual(stamps);
    expect(new Set(stamps).size).toBe(100);
  });

  test("[E2] a query behind a mutation sees it", async () => {
    const { engine } = openEngine(functions);
    const [, outcome] = await Promise.all([engine.mutation(callOf("add")), engine.query(callOf("count"))]);
    expect(outcome.result).toEqual({ ok: true, value: 1 });
  });

  test("[E16.4] queries of a batch for which there is no room in line are not run, not even the first of them", async () => {
    const { engine, ran } = openEngine({ first: () => 1, batch: () => 2 });
    const client = { ip: null, userAgent: null, authToken: null, payer: "address 127.0.0.1" };
    const fromClient = (path: string) => ({ ...callOf(path), client });
    const waiting = Array.from({ length: 4000 }, () => engine.query(fromClient("first")));
    const calls = Array.from({ length: 97 }, () => fromClient("batch"));
    await expect(engine.queries(calls)).rejects.toThrow("Too many concurrent requests");
    const fitting = engine.queries(calls.slice(1));
    expect(await Promise.all(waiting)).toHaveLength(4000);
    expect(await fitting).toHaveLength(96);
    expect(ran.filter((path) => path === "batch")).toHaveLength(96);
  });

  test("[E3.2] a function that throws wrote nothing; what its hooks wrote stays", async () => {
    const { engine } = openEngine(functions);
    const hooks = {
      before: (tx: Transaction) => {
        tx.insert("", "before", {});
        return null;
      },
      after: (tx: Transaction) => void tx.insert("", "after", {}),
    };
    expect((await engine.mutation(callOf("addAndThrow"), hooks)).result.ok).toBe(false);
    expect(
      await engine.transact((tx) => ["notes", "before", "after"].map((table) => tx.count("", table))),
    ).toEqual([0, 1, 1]);
  });

  test("[E4.1] a hook that has the outcome already answers in place of the function, and its `after` is not called", async () => {
    const { engine, ran } = openEngine(functions);
    const outcome = { result: { ok: true as const, value: "earlier" }, logLines: [] };
    const after = vi.fn();
    expect(await engine.mutation(callOf("add"), { before: () => outcome, after })).toMatchObject(outcome);
    expect(ran).toEqual([]);
    expect(after).not.toHaveBeenCalled();
  });

  test("a hook that throws: nothing is written, whoever waits is told, the others run", async () => {
    const { engine } = openEngine(functions);
    const throws = (tx: Transaction): never => {
      tx.insert("", "notes", {});
      throw new Error("hook");
    };
    const outcomes = [{ before: throws }, { after: throws }, {}].map((hooks) =>
      engine.mutation(callOf("add"), hooks),
    );
    await expect(outcomes[0]).rejects.toThrow("hook");
    await expect(outcomes[1]).rejects.toThrow("hook");
    expect((await outcomes[2])?.result).toEqual({ ok: true, value: 1 });
  });

  test("a transaction of the backend whose work throws has written nothing", async () => {
    const { engine } = openEngine(functions);
    const work = (tx: Transaction) => {
      tx.insert("", "notes", {});
      throw new Error("no");
    };
    await expect(engine.transact(work)).rejects.toThrow("no");
    expect(await engine.transact(count)).toBe(0);
  });

  test("[E8.5] one that never ends is cut off and wrote nothing; its hook's record stays; the others run", async () => {
    const { engine } = openEngine(functions);
    const after = (tx: Transaction): void => void tx.insert("", "records", {});
    const [cutOff, next] = await Promise.all([
      engine.mutation(callOf("loop"), { after }),
      engine.mutation(callOf("add")),
    ]);
    expect(cutOff.result).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining("timed out") },
    });
    expect(next.result).toEqual({ ok: true, value: 1 });
    expect(await engine.transact((tx) => tx.count("", "records"))).toBe(1);
  });

  test("listeners hear of commits when they are durable and before anybody is answered", async () => {
    const { engine, flushes } = openEngine(functions);
    const heard: string[] = [];
    const stop = engine.onCommit((commits) => heard.push(`${commits.length} commits, ${flushes()} flushes`));
    const before = flushes();
    await engine.mutation(callOf("add")).then(() => heard.push("answered"));
    expect(heard).toEqual([`1 commits, ${before + 1} flushes`, "answered"]);
    stop();
    await engine.mutation(callOf("add"));
    await engine.query(callOf("count"));
    expect(heard).toHaveLength(2);
  });

  test("[E6.11] sockets get their turn between slices of much work", async () => {
    const { engine } = openEngine({
      busy: () => {
        const end = performance.now() + 4;
        while (performance.now() < end);
      },
    });
    let turns = 0;
    const io = setInterval(() => turns++, 0);
    await Promise.all(Array.from({ length: 50 }, () => engine.mutation(callOf("busy"))));
    clearInterval(io);
    expect(turns).toBeGreaterThan(5);
  });
});

describe("hold: a transaction that stays open over awaits", () => {
  test("others wait; then its writes are there, or not at all", async () => {
    const { engine } = openEngine(functions);
    let release = (): void => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    const held = engine.hold(async (tx) => {
      tx.insert("", "notes", {});
      await released;
      return count(tx);
    });
    const waiting = engine.query(callOf("count"));
    let isAnswered = false;
    void waiting.then(() => (isAnswered = true));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(isAnswered).toBe(false);
    release();
    expect(await held).toBe(1);
    expect((await waiting).result).toEqual({ ok: true, value: 1 });
    await expect(
      engine.hold(async (tx) => {
        tx.insert("", "notes", {});
        await Promise.reject(new Error("no"));
      }),
    ).rejects.toThrow("no");
    expect(await engine.transact(count)).toBe(1);
  });
});

describe("the end", () => {
  test("[E17.1] what is in line is done, what comes later is refused", async () => {
    const { engine } = openEngine(functions);
    const inLine = [1, 2, 3].map(() => engine.mutation(callOf("add")));
    const closed = engine.close();
    await expect(engine.mutation(callOf("add"))).rejects.toBeInstanceOf(EngineClosedError);
    await expect(engine.action(callOf("add"))).rejects.toBeInstanceOf(EngineClosedError);
    expect((await Promise.all(inLine)).every(({ result }) => result.ok)).toBe(true);
    await closed;
  });

  test.each(["flush", "putDocument"] as const)(
    "[E17.3] when the storage cannot be written (%s), nobody is told of a success and nothing more is accepted",
    async (operation) => {
      const { engine, failAt } = openEngine(functions);
      const watcher = new Watcher(engine).watch(callOf("count"));
      await watcher.until("0");
      failAt(operation);
      const inLine = [
        engine.mutation(callOf("add")),
        engine.mutation(callOf("add")),
        engine.query(callOf("count")),
        engine.transact((tx) => tx.insert("", "notes", {})),
      ];
      for (const outcome of await Promise.allSettled(inLine)) {
        expect(outcome).toMatchObject({ status: "rejected", reason: { name: "EngineClosedError" } });
      }
      await expect(engine.query(callOf("count"))).rejects.toThrow("can no longer be written");
      await engine.failed;
      await engine.close();
      expect(watcher.latest).toEqual(["0"]);
    },
  );

  test("[E17.3] a held transaction that cannot be committed is refused as well", async () => {
    const { engine, failAt } = openEngine(functions);
    failAt("putDocument");
    const held = engine.hold((tx) => Promise.resolve(tx.insert("", "notes", {})));
    await expect(held).rejects.toBeInstanceOf(EngineClosedError);
    await engine.close();
  });
});

describe("[E16.13] newcomers", () => {
  test("come before the engine's next turn, as long as there are any", async () => {
    let calls = 0;
    const { engine } = openEngine(functions, () => Math.min(++calls, 5));
    await engine.mutation(callOf("add"));
    expect(calls).toBeGreaterThanOrEqual(2);
  });

  test("without end do not keep the engine from its work", async () => {
    let accepted = 0;
    const { engine } = openEngine(functions, () => accepted++);
    for (let i = 0; i < 5; i++) expect((await engine.mutation(callOf("add"))).result.ok).toBe(true);
  });
});
