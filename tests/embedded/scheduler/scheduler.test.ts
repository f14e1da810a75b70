import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { JSONValue } from "convex/values";
import { silentLog } from "../../../embedded/log.ts";
import type { Deployment } from "../../../embedded/functions/types.ts";
import { startScheduler, type Scheduler } from "../../../embedded/scheduler/scheduler.ts";
import { createMemoryStorage } from "../../../embedded/storage/memoryStorage.ts";
import { buildApp, openApp, until, type App, type AppOptions } from "../actions/openApp.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

let deployment: Deployment;
let removeDeployment: () => void;
beforeAll(async () => {
  [deployment, removeDeployment] = await buildApp();
});
afterAll(() => {
  removeDeployment();
});

/** The whole, its scheduler included. */
type Backend = App & { scheduler: Scheduler };

const open: Backend[] = [];
async function openBackend(options: Partial<AppOptions> = {}): Promise<Backend> {
  const app = openApp({ deployment, mode: "inProcess", ...options });
  const scheduler = await start(app);
  const backend: Backend = {
    ...app,
    scheduler,
    close: async () => {
      const jobsEnded = scheduler.close();
      await app.host.close();
      await jobsEnded;
      await app.close();
    },
  };
  open.push(backend);
  return backend;
}

function start({ engine, executor, host }: App): Promise<Scheduler> {
  return startScheduler({
    engine,
    findFunction: (address) => executor.resolve(address),
    runAction: (call, id) => host.run(call, id),
    log: silentLog,
  });
}

afterEach(async () => {
  for (const backend of open.splice(0)) await backend.close();
});

type Job = { _id: string; name: string; state: { kind: string; error?: string }; completedTime?: number };

const jobs = async (app: App): Promise<Job[]> => (await app.query("notes:jobs")) as Job[];
const states = async (app: App): Promise<string[]> => (await jobs(app)).map(({ state }) => state.kind);

function schedule(
  app: App,
  name: string,
  args: JSONValue = {},
  { delayMs = 0, count = 1, fail = false } = {},
): Promise<JSONValue> {
  return app.mutation("notes:schedule", { name, args, delayMs, count, fail });
}

describe("[E9] scheduled functions", () => {
  test("[E9.2] [E9.4] a mutation: pending → success, and what it wrote is there", async () => {
    const app = await openBackend();
    await schedule(app, "notes:add", { text: "later" });
    await expect.poll(() => states(app)).toEqual(["success"]);
    expect(await app.query("notes:texts")).toEqual(["later"]);
    expect((await jobs(app))[0]).toMatchObject({ name: "notes.js:add", args: [{ text: "later" }] });
  });

  test("[E9.3] an action: pending → success", async () => {
    const app = await openBackend();
    await schedule(app, "isolated:call", {
      kind: "mutation",
      name: "notes:add",
      args: { text: "by action" },
    });
    await expect.poll(() => states(app)).toEqual(["success"]);
    expect(await app.query("notes:texts")).toEqual(["by action"]);
  });

  test("[E9.2] what fails is failed with its error, and has written nothing else", async () => {
    const app = await openBackend();
    await schedule(app, "notes:refuse", { text: "refused" });
    await schedule(app, "isolated:fail");
    await expect.poll(() => states(app)).toEqual(["failed", "failed"]);
    const [mutation, action] = await jobs(app);
    expect(mutation?.state.error).toContain("REFUSED");
    expect(action?.state.error).toContain("Uncaught TypeError: it broke");
    expect(await app.query("notes:texts")).toEqual([]);
  });

  test("[E9.5] runs as nobody, whoever scheduled it", async () => {
    const app = await openBackend();
    await schedule(app, "notes:addCaller");
    await expect.poll(() => app.query("notes:texts")).toEqual(["nobody"]);
  });

  test("[E9.1] scheduling is part of the transaction: a mutation that throws scheduled nothing", async () => {
    const app = await openBackend();
    await expect(schedule(app, "notes:add", { text: "x" }, { fail: true })).rejects.toThrow("taken back");
    expect(await jobs(app)).toEqual([]);
  });

  test("functions that do not exist are refused when they are scheduled", async () => {
    const app = await openBackend();
    await expect(schedule(app, "notes:missing")).rejects.toThrow(
      /no exported function missing found in the file/,
    );
  });
});

describe("[E9.6] limits of scheduling", () => {
  test("1,000 functions in one mutation, and no more", async () => {
    const app = await openBackend();
    expect(await schedule(app, "notes:add", { text: "n" }, { count: 1000, delayMs: DAY_MS })).toHaveLength(
      1000,
    );
    await expect(schedule(app, "notes:add", { text: "n" }, { count: 1001, delayMs: DAY_MS })).rejects.toThrow(
      "Too many functions scheduled by this mutation (limit: 1000)",
    );
  });

  test("16 MiB of arguments in one mutation, and no more", async () => {
    const app = await openBackend();
    const text = "x".repeat(900_000);
    await expect(schedule(app, "notes:add", { text }, { count: 20, delayMs: DAY_MS })).rejects.toThrow(
      "Too large total size of the arguments of scheduled functions from this mutation (limit: 16777216 bytes)",
    );
  });

  test("a time more than five years away is taken for a mistake", async () => {
    const app = await openBackend();
    const at = (time: number) =>
      app.mutation("notes:scheduleAt", { name: "notes:add", args: { text: "" }, time });
    await expect(at(Date.now() * 1000)).rejects.toThrow(/more than 5 years in the future/);
    await expect(at(0)).rejects.toThrow(/more than 5 years in the past/);
  });
});

describe("[E9.7] canceling", () => {
  test("pending → canceled: it never runs", async () => {
    const app = await openBackend();
    const [id] = (await schedule(app, "notes:add", { text: "never" }, { delayMs: DAY_MS })) as string[];
    await app.mutation("notes:cancel", { id: id as string });
    expect(await app.query("notes:job", { id: id as string })).toMatchObject({
      state: { kind: "canceled" },
      completedTime: expect.any(Number) as number,
    });
  });

  test("ended → stays what it was; canceling twice changes nothing", async () => {
    const app = await openBackend();
    const [id] = (await schedule(app, "notes:add", { text: "done" })) as string[];
    await expect.poll(() => states(app)).toEqual(["success"]);
    await app.mutation("notes:cancel", { id: id as string });
    expect(await states(app)).toEqual(["success"]);
  });

  // `SchedulerModel::complete` in convex-backend's crates/model/src/scheduled_jobs/mod.rs.
  test("[E9.7] a scheduled mutation that cancels itself → canceled, and its writes are kept", async () => {
    const app = await openBackend();
    await schedule(app, "notes:cancelAll");
    await expect.poll(() => states(app)).toEqual(["canceled"]);
    expect(await app.query("notes:texts")).toEqual(["canceled all"]);
  });

  // `SchedulerModel::schedule`, ibid.
  test("[E9.7] what a canceled mutation schedules → canceled; what it scheduled before still runs", async () => {
    const app = await openBackend();
    await schedule(app, "notes:cancelSelfAndSchedule");
    await expect.poll(() => states(app)).toEqual(["canceled", "success", "canceled"]);
    expect(await app.query("notes:texts")).toEqual(["before"]);
    expect((await jobs(app)).every(({ completedTime }) => completedTime !== undefined)).toBe(true);
  });

  test("[E9.7] a mutation that cancels itself and throws → failed", async () => {
    const app = await openBackend();
    await schedule(app, "notes:cancelSelfAndThrow");
    await expect.poll(() => states(app)).toEqual(["failed"]);
  });

  test("an id of another table is refused", async () => {
    const app = await openBackend();
    await expect(app.mutation("notes:cancel", { id: "nonsense" })).rejects.toThrow(
      "Invalid scheduled function ID",
    );
  });
});

describe("[E9] restarts", () => {
  test("[E9.2] pending jobs run after a restart, once", async () => {
    const storage = createMemoryStorage();
    const before = openApp({ deployment, mode: "inProcess", storage: keepOpen(storage) });
    await schedule(before, "notes:add", { text: "after the restart" });
    await before.close();
    const after = await openBackend({ storage });
    await expect.poll(() => states(after)).toEqual(["success"]);
    expect(await after.query("notes:texts")).toEqual(["after the restart"]);
  });

  test("[E9.3] an action that was running is failed; it is not run again", async () => {
    const storage = createMemoryStorage();
    const before = openApp({ deployment, mode: "inProcess", storage: keepOpen(storage) });
    await start(before);
    await schedule(before, "isolated:never");
    await expect.poll(() => states(before)).toEqual(["inProgress"]);

    // The first process is never heard of again, as after `kill -9`.
    const after = await openBackend({ storage });
    expect((await jobs(after))[0]?.state).toEqual({
      kind: "failed",
      error: "Transient error while executing action",
    });
    await before.host.close();
  });

  test("[E17] an action that a shutdown ends is failed before the database closes", async () => {
    const storage = createMemoryStorage();
    const before = await openBackend({ storage: keepOpen(storage) });
    await schedule(before, "isolated:never");
    await expect.poll(() => states(before)).toEqual(["inProgress"]);
    await before.close();
    open.length = 0;
    const after = openApp({ deployment, mode: "inProcess", storage });
    expect((await jobs(after))[0]?.state).toEqual({ kind: "failed", error: "The server is shutting down" });
    await after.close();
  });

  /** A storage that outlives its database, as a file does. */
  function keepOpen(storage: ReturnType<typeof createMemoryStorage>): typeof storage {
    return new Proxy(storage, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property, target);
        if (property === "close") return () => {};
        return typeof value === "function" ? (value as (...args: unknown[]) => unknown).bind(target) : value;
      },
    });
  }
});

describe("[E9] time", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("[E9.5] nothing runs while time stands still, and each job when its time comes", async () => {
    const app = await openBackend();
    await schedule(app, "notes:add", { text: "in a minute" }, { delayMs: 60_000 });
    await schedule(app, "notes:add", { text: "at once" });
    await app.scheduler.whenIdle();
    expect(await states(app)).toEqual(["pending", "pending"]);

    vi.advanceTimersByTime(0);
    await app.scheduler.whenIdle();
    expect(await states(app)).toEqual(["pending", "success"]);

    vi.advanceTimersByTime(59_999);
    await app.scheduler.whenIdle();
    expect(await states(app)).toEqual(["pending", "success"]);

    vi.advanceTimersByTime(1);
    await app.scheduler.whenIdle();
    expect(await states(app)).toEqual(["success", "success"]);
    expect(await app.query("notes:texts")).toEqual(["at once", "in a minute"]);
  });

  test("[E9.5] jobs that are due together run in the order of their times", async () => {
    const app = await openBackend();
    for (const [text, delayMs] of [
      ["c", 3],
      ["a", 1],
      ["b", 1],
    ] as const) {
      await schedule(app, "notes:add", { text }, { delayMs });
    }
    vi.setSystemTime(Date.now() + 10);
    vi.advanceTimersByTime(10);
    await app.scheduler.whenIdle();
    expect(await app.query("notes:texts")).toEqual(["a", "b", "c"]);
  });

  test("[E9.5] a time further away than a timer can be", async () => {
    const app = await openBackend();
    await schedule(app, "notes:add", { text: "in 60 days" }, { delayMs: 60 * DAY_MS });
    vi.advanceTimersByTime(60 * DAY_MS - 1);
    await app.scheduler.whenIdle();
    expect(await states(app)).toEqual(["pending"]);
    vi.advanceTimersByTime(1);
    await app.scheduler.whenIdle();
    expect(await states(app)).toEqual(["success"]);
  });

  test("[E9.7] an action in progress → canceled, also when it ends later", async () => {
    const app = await openBackend();
    const [id] = (await schedule(app, "isolated:sleep", { ms: 1_000 })) as string[];
    vi.advanceTimersByTime(0);
    await until(async () => (await states(app))[0] === "inProgress" && vi.getTimerCount() > 0);
    await app.mutation("notes:cancel", { id: id as string });
    vi.advanceTimersByTime(1_000);
    await app.scheduler.whenIdle();
    expect(await states(app)).toEqual(["canceled"]);
  });

  test("fake time reaches the timers of an action in this process", async () => {
    const app = await openBackend();
    const woken = app.action("isolated:sleep", { ms: 3_600_000 });
    const before = Date.now();
    await until(() => vi.getTimerCount() > 0);
    vi.advanceTimersByTime(3_600_000);
    expect((await woken).result).toEqual({ ok: true, value: before + 3_600_000 });
  });

  test("[E5.12] a queue that cannot be read is tried again, and ends neither the process nor the job", async () => {
    const storage = createMemoryStorage();
    const scanIndex = storage.scanIndex.bind(storage);
    let isDamaged = false;
    storage.scanIndex = (...range) => {
      if (isDamaged) throw new Error("database disk image is malformed");
      return scanIndex(...range);
    };
    const app = await openBackend({ storage });
    await schedule(app, "notes:add", { text: "after all" }, { delayMs: 1_000 });
    isDamaged = true;
    expect(() => vi.advanceTimersByTime(1_000)).not.toThrow();
    isDamaged = false;
    vi.advanceTimersByTime(60_000);
    await app.scheduler.whenIdle();
    expect(await states(app)).toEqual(["success"]);
  });

  test("[E9.9] jobs are deleted a week after their end, in batches", async () => {
    const app = await openBackend();
    await schedule(app, "notes:add", { text: "old" }, { count: 300 });
    vi.advanceTimersByTime(0);
    await until(async () => {
      vi.advanceTimersByTime(1);
      await app.scheduler.whenIdle();
      return (await states(app)).every((state) => state === "success");
    });
    const runAnother = async (): Promise<number> => {
      await schedule(app, "notes:add", { text: "new" });
      vi.advanceTimersByTime(60_000);
      await app.scheduler.whenIdle();
      await app.engine.transact(() => null);
      return (await jobs(app)).length;
    };
    vi.advanceTimersByTime(7 * DAY_MS - 120_000);
    expect(await runAnother()).toBe(301);
    vi.advanceTimersByTime(120_000);
    expect(await runAnother()).toBe(302 - 256);
    expect(await runAnother()).toBe(3);
  });

  test("[E9.8] more actions than may run at once: the others wait; mutations do not wait behind them", async () => {
    const app = await openBackend();
    await schedule(app, "isolated:sleep", { ms: 1_000 }, { count: 40 });
    await schedule(app, "notes:add", { text: "not behind the actions" });
    vi.advanceTimersByTime(0);
    await until(async () => (await states(app)).filter((state) => state === "inProgress").length === 32);
    expect((await states(app)).at(-1)).toBe("success");
    // The first 32 end, the other 8 begin and end.
    await until(async () => {
      vi.advanceTimersByTime(1_000);
      return (await states(app)).every((state) => state === "success");
    });
  });
});
