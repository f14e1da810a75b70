import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JSONValue } from "convex/values";
import { realTimers } from "../../../embedded/actions/realTimers.ts";
import type { Deployment } from "../../../embedded/functions/types.ts";
import { createLog } from "../../../embedded/log.ts";
import { ALICE, buildApp, ORIGIN, openApp, valueOf, type App } from "./openApp.ts";

let deployment: Deployment;
let removeDeployment: () => void;
beforeAll(async () => {
  [deployment, removeDeployment] = await buildApp();
});
afterAll(() => {
  removeDeployment();
});

async function messageOf(app: App, path: string, args = {}): Promise<string> {
  const { result } = await app.action(path, args);
  return result.ok ? `no error, but ${JSON.stringify(result.value)}` : result.error.message;
}

describe.each(["inProcess", "worker"] as const)("actions, %s", (mode) => {
  let app: App;
  beforeAll(() => {
    app = openApp({ deployment, mode });
  });
  afterAll(() => app.close());

  describe("Convex runtime", () => {
    test("[E10.6] the web's globals are there and work together; Node's are not", async () => {
      expect(valueOf((await app.action("isolated:globals")).result)).toEqual({
        missing: [],
        self: true,
        uint8: true,
        arrayBuffer: true,
        digestBytes: 32,
        promise: true,
        fetched: "hello",
        object: true,
        error: true,
        ownError: true,
        env: "hello",
        date: true,
      });
    });

    test("[E10.6] each run has module variables of its own", async () => {
      expect(valueOf((await app.action("isolated:visit")).result)).toBe(1);
      expect(valueOf((await app.action("isolated:visit")).result)).toBe(1);
    });

    // `RequestScope::new` gets `allow_dynamic_imports` in convex-backend's crates/isolate/src/environment/action/mod.rs.
    test("[E8.16] import() works", async () => {
      expect(valueOf((await app.action("isolated:imports")).result)).toEqual([3, true]);
    });

    test("a thrown error says what and where", async () => {
      expect(await messageOf(app, "isolated:fail")).toMatch(
        /^Uncaught TypeError: it broke\n {4}at handler \(.*app\/isolated\.ts:\d+:\d+\)\n$/,
      );
    });

    test("[E3.7] the data of a ConvexError comes along", async () => {
      const { result } = await app.action("isolated:fail", {
        data: { code: "NO", at: { $integer: "AQAAAAAAAAA=" } },
      });
      expect(result).toMatchObject({
        ok: false,
        error: { data: { code: "NO", at: { $integer: "AQAAAAAAAAA=" } } },
      });
    });
  });

  describe("Node runtime", () => {
    test("[E14.1] Node's modules, and the deployment's environment rather than the server's", async () => {
      process.env["SERVER_SECRET"] = mode === "worker" ? "for the server only" : undefined;
      if (mode === "inProcess") delete process.env["SERVER_SECRET"];
      expect(valueOf((await app.action("native:usesNode")).result)).toEqual({
        isFunction: true,
        buffer: "YWJj",
        env: "hello",
        secret: null,
      });
      delete process.env["SERVER_SECRET"];
    });

    test("[E10.6] modules are shared by the runs of a deployment", async () => {
      const first = valueOf((await app.action("native:visit")).result);
      expect(valueOf((await app.action("native:visit")).result)).toBe((first as number) + 1);
    });

    test("[E10.7] many runs at once in one thread keep their callers, their logs and their contexts apart", async () => {
      const names = Array.from({ length: 40 }, (_, index) => `run${index}`);
      const outcomes = await Promise.all(
        names.map((name) =>
          app.action("native:interleave", { name, rounds: 5 }, { ...ALICE, subject: name }),
        ),
      );
      outcomes.forEach(({ result, logLines }, index) => {
        const name = names[index];
        expect(valueOf(result)).toEqual(Array.from({ length: 5 }, () => `${name} ${name}`));
        expect(logLines).toEqual(Array.from({ length: 5 }, (_, round) => `[LOG] '${name}' ${round}`));
      });
    });

    test("[E10.7] [E11] a `ctx` acts for its own caller, wherever it is used", async () => {
      const lent = app.action("native:lend", {}, { ...ALICE, subject: "lender" });
      await app.action("native:visit");
      expect(
        valueOf((await app.action("native:borrow", {}, { ...ALICE, subject: "borrower" })).result),
      ).toEqual({
        own: "borrower",
        borrowed: "lender",
      });
      await lent;
    });

    test("a thrown error says what and where", async () => {
      expect(await messageOf(app, "native:fail")).toMatch(
        /^Uncaught RangeError: node broke\n {4}at <anonymous> \(.*app\/native\.ts:\d+:\d+\)\n$/,
      );
    });
  });

  describe("the call", () => {
    test("[E7.6] arguments and results are checked", async () => {
      expect(valueOf((await app.action("isolated:add", { a: 1, b: 2 })).result)).toBe(3);
      expect(await messageOf(app, "isolated:add", { a: 1 })).toMatch(
        /^ArgumentValidationError: Object is missing the required field `b`/,
      );
      expect(await messageOf(app, "isolated:wrongReturn")).toMatch(/^ReturnsValidationError: /);
    });

    test("an internal action is unknown to clients, and so is a missing one", async () => {
      const call = { address: { component: "", path: "isolated:hidden" }, args: {}, identity: null };
      expect((await app.host.run({ ...call, visibility: "public" })).result).toMatchObject({ ok: false });
      expect((await app.host.run({ ...call, visibility: "any" })).result).toEqual({
        ok: true,
        value: "internal",
      });
      expect(await messageOf(app, "isolated:nothing")).toMatch(
        /^Could not find public function for 'isolated:nothing'/,
      );
      expect(await messageOf(app, "notes:add")).toMatch(/as Action, but it is defined as Mutation/);
    });

    test("log lines look as Convex prints them, also those after an await", async () => {
      expect((await app.action("isolated:log")).logLines).toEqual([
        "[LOG] 'hello' {\n  a: 1\n} [ 1, 'x' ] Map (1) {\n  'k' => 1\n} [Error: shown]",
        "[WARN] undefined null 12n",
        `[ERROR] ${new Date(0).toString()}`,
        "[INFO] 'later'",
      ]);
    });

    test("[E11] the caller's identity, or nobody", async () => {
      expect(valueOf((await app.action("isolated:whoAmI", {}, ALICE)).result)).toBe("alice");
      expect(valueOf((await app.action("isolated:whoAmI")).result)).toBeNull();
    });
  });

  describe("what an action calls", () => {
    const call = async (kind: string, name: string, args = {}): Promise<unknown> =>
      valueOf((await app.action("isolated:call", { kind, name, args }, ALICE)).result);

    test("[E10.10] queries and mutations, each a transaction of its own, as the same caller", async () => {
      await call("mutation", "notes:add", { text: "from an action" });
      expect(await call("query", "notes:texts")).toContain("from an action");
      expect(await call("query", "notes:who")).toBe("alice");
      expect(await call("query", "notes:secret")).toBe("internal");
    });

    test("actions of both runtimes", async () => {
      expect(await call("action", "isolated:add", { a: 2, b: 3 })).toBe(5);
      expect(await call("action", "native:callAction", { name: "isolated:add", args: { a: 3, b: 4 } })).toBe(
        7,
      );
    });

    test("[E3.1] a mutation that throws wrote nothing, and its ConvexError arrives whole", async () => {
      const { result } = await app.action("isolated:call", {
        kind: "mutation",
        name: "notes:refuse",
        args: { text: "refused" },
      });
      expect(result).toMatchObject({ ok: false, error: { data: { code: "REFUSED", text: "refused" } } });
      expect(await app.query("notes:texts")).not.toContain("refused");
    });

    test("[E9.1] a function it schedules is scheduled at once", async () => {
      const id = await call("schedule", "notes:add", { text: "scheduled" });
      expect(await app.query("notes:job", { id: id as string })).toMatchObject({
        name: "notes.js:add",
        args: [{ text: "scheduled" }],
        state: { kind: "pending" },
      });
      await expect(call("schedule", "notes:nothing")).rejects.toThrow(/no exported function nothing found/);
    });

    test("what it can learn of itself", async () => {
      expect(valueOf((await app.action("isolated:metadata")).result)).toEqual({
        function: { name: "isolated:metadata", componentPath: "", type: "action", visibility: "public" },
        deployment: { name: "embedded", region: null, class: "s16" },
        request: {
          ip: null,
          userAgent: null,
          requestId: expect.any(String) as string,
          scheduledFunctionId: null,
          authToken: null,
        },
      });
    });

    test("[E12.8] files: store, read, metadata, URLs, delete", async () => {
      const files = valueOf((await app.action("isolated:files")).result) as Record<string, unknown>;
      expect(files).toMatchObject({
        isBlob: true,
        text: "some text",
        type: "text/plain",
        gone: true,
        metadata: { size: 9, contentType: "text/plain" },
      });
      expect(files["url"]).toMatch(new RegExp(`^${ORIGIN}/api/storage/[0-9a-f-]{36}$`));
      expect(files["uploadUrl"]).toMatch(new RegExp(`^${ORIGIN}/api/storage/upload\\?token=`));
    });

    test.each(["isolated", "native"])(
      "[E21.1] [E21.5] %s: ctx.vectorSearch finds what a mutation before it has written",
      async (module) => {
        const { close, action } = openApp({ deployment, mode });
        const find = async (args: Record<string, JSONValue>): Promise<JSONValue> =>
          valueOf((await action(`${module}:nearest`, args)).result);
        const score = Math.fround(Math.SQRT1_2);
        expect(await find({ add: [1, 1], kind: "a", to: [0, 2] })).toEqual([{ isOwn: true, score }]);
        expect(await find({ add: [0, 1], kind: "b", to: [0, 2] })).toEqual([
          { isOwn: true, score: 1 },
          { isOwn: false, score },
        ]);
        expect(await find({ add: [0, -1], kind: "c", to: [0, 2], only: "c" })).toEqual([
          { isOwn: true, score: -1 },
        ]);
        const refused = await action(`${module}:nearest`, { add: [1, 1], kind: "a", to: [1, 2, 3] });
        expect(refused.result.ok ? "" : refused.result.error.message).toContain(
          "Expected a vector with dimensions 2, received 3.",
        );
        await close();
      },
    );

    test("a service that only Convex has is refused by name", async () => {
      expect(await messageOf(app, "isolated:serviceToken")).toMatch(
        /Convex-managed services are not available/,
      );
    });
  });
});

describe("limits", () => {
  test.each(["isolated", "native"])(
    "[E10.8] a run over its time fails by name and frees its place: %s",
    async (module) => {
      const maxDurationMs = { isolate: 500, node: 500 };
      const app = openApp({
        deployment,
        mode: "worker",
        places: { node: 1, isolate: 1 },
        limits: { maxDurationMs },
      });
      expect(await messageOf(app, `${module}:never`)).toBe(
        `Action \`${module}:never\` execution timed out (maximum duration 0.5s)\n`,
      );
      expect((await app.action("isolated:add", { a: 1, b: 1 })).result.ok).toBe(true);
      await app.close();
    },
  );

  test("[E10.8] runs beyond the limit wait their turn, in order; who waits too long is told", async () => {
    const app = openApp({ deployment, mode: "worker", places: { isolate: 2 } });
    const times = (await Promise.all(
      [1, 2, 3, 4, 5].map(async () => valueOf((await app.action("isolated:sleep", { ms: 5 })).result)),
    )) as number[];
    expect(times).toEqual([...times].sort((a, b) => a - b));
    await app.close();

    const busy = openApp({ deployment, mode: "worker", places: { isolate: 1 }, limits: { maxWaitMs: 20 } });
    const first = busy.action("isolated:never");
    await expect(busy.action("isolated:add", { a: 1, b: 1 })).rejects.toMatchObject({
      code: "TooManyConcurrentRequests",
      message:
        "Too many concurrent requests. Your backend is limited to 1 concurrent actions. Try again later.",
    });
    await busy.close();
    expect((await first).result.ok).toBe(false);
  });
});

test("[E10.8] what the server itself has begun waits for its place as long as it takes", async () => {
  const app = openApp({
    ...{ deployment, mode: "worker", places: { isolate: 1 } },
    limits: { maxWaitMs: 1, maxDurationMs: { isolate: 300, node: 300 } },
  });
  const first = app.action("isolated:never");
  const scheduled = app.host.run(
    {
      address: { component: "", path: "isolated:add" },
      args: { a: 1, b: 1 },
      identity: null,
      visibility: "any",
    },
    { kind: "cron" },
  );
  await expect(app.action("isolated:add", { a: 1, b: 1 })).rejects.toThrow("Too many concurrent requests");
  expect((await first).result.ok).toBe(false);
  expect(valueOf((await scheduled).result)).toBe(2);
  await app.close();
});

test("[E10.9] a run that blocks the thread is ended with the others, and the next run gets a new thread", async () => {
  const app = openApp({ deployment, mode: "worker", limits: { maxBlockedMs: 240 } });
  await app.action("native:visit");
  const other = app.action("isolated:never");
  expect(await messageOf(app, "native:block")).toMatch(/kept the event loop busy for more than 0.24s/);
  expect((await other).result.ok).toBe(false);
  expect(valueOf((await app.action("native:visit")).result)).toBe(1);
  await app.close();
});

test("[E10.9] runs that need more memory than there is end with their thread, not with the server", async () => {
  const app = openApp({ deployment, mode: "worker", limits: { maxHeapMb: 64 } });
  const other = app.action("isolated:never");
  expect(await messageOf(app, "native:outOfMemory")).toMatch(/needed more than 64 MiB of memory/);
  expect((await other).result.ok).toBe(false);
  expect(valueOf((await app.action("isolated:add", { a: 1, b: 2 })).result)).toBe(3);
  await app.close();
});

describe("faults of user code in the worker", () => {
  let app: App;
  const lines: string[] = [];
  beforeAll(() => {
    app = openApp({ deployment, mode: "worker", log: createLog("info", (_level, line) => lines.push(line)) });
  });
  afterAll(() => app.close());

  test.each([
    ["isolated:strayRejection", "nobody caught me"],
    ["isolated:strayThrow", "thrown in a timer"],
    ["native:strayRejection", "nobody caught me"],
    ["native:strayThrow", "thrown in a timer"],
    ["native:exit", "process.exit() called with exit code 3"],
  ])("[E10.7] %s ends its own run and no other", async (path, message) => {
    const other = app.action("isolated:sleep", { ms: 100 });
    const before = valueOf((await app.action("native:visit")).result) as number;
    expect(await messageOf(app, path)).toContain(`Uncaught Error: ${message}`);
    expect((await other).result.ok).toBe(true);
    // The same thread: its modules have kept their state.
    expect(valueOf((await app.action("native:visit")).result)).toBe(before + 1);
  });

  test("[E10.7] an error after the end of a run is logged and harms nobody", async () => {
    expect(valueOf((await app.action("native:strayAfterEnd")).result)).toBe("ended");
    await expect.poll(() => lines.join("\n")).toContain("too late");
    expect((await app.action("isolated:add", { a: 1, b: 1 })).result.ok).toBe(true);
  });

  test("[E10.9] a worker that dies fails its runs, and the next run gets a new one", async () => {
    const waiting = app.action("native:never");
    expect(await messageOf(app, "native:die")).toMatch(/ended unexpectedly/);
    expect((await waiting).result.ok).toBe(false);
    expect(valueOf((await app.action("native:visit")).result)).toBe(1);
  });
});

describe("deployments and shutdown", () => {
  test("[E10.11] a new deployment gets a new runtime; a run that has begun ends with its own", async () => {
    const app = openApp({ deployment, mode: "worker" });
    valueOf((await app.action("native:visit")).result);
    const old = app.action("native:interleave", { name: "old", rounds: 20 }, { ...ALICE, subject: "old" });
    app.host.replaceDeployment(deployment, { GREETING: "changed" });
    expect(valueOf((await app.action("native:usesNode")).result)).toMatchObject({ env: "changed" });
    expect(valueOf((await app.action("native:visit")).result)).toBe(1);
    expect((await old).result.ok).toBe(true);
    await app.close();
  });

  test("[E10.12] [E17] closing refuses new runs, waits for the others as long as it may, and fails the rest", async () => {
    const app = openApp({ deployment, mode: "worker" });
    const short = app.action("isolated:sleep", { ms: 20 });
    const endless = app.action("native:never");
    // Both have begun when a third has been answered.
    await app.action("isolated:add", { a: 1, b: 1 });
    const closed = app.host.close(500);
    expect(await messageOf(app, "isolated:add", { a: 1, b: 1 })).toBe("The server is shutting down\n");
    await closed;
    expect((await short).result.ok).toBe(true);
    expect((await endless).result).toMatchObject({
      ok: false,
      error: { message: "The server is shutting down" },
    });
    await app.close();
  });

  test("in this process, the globals are as before once the last host is closed", async () => {
    const { console: before } = globalThis;
    const first = openApp({ deployment, mode: "inProcess" });
    const second = openApp({ deployment, mode: "inProcess" });
    await Promise.all([first.action("native:visit"), second.action("native:visit")]);
    await first.close();
    expect((await second.action("native:usesNode")).result.ok).toBe(true);
    await second.close();
    expect(globalThis.console).toBe(before);
    expect("GREETING" in process.env).toBe(false);
    await new Promise((resolve) => realTimers.setImmediate(resolve));
  });
});
