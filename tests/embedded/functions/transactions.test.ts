/** Functions that call functions, components, and what they share: transaction, identity, log. */
import { beforeEach, describe, expect, test } from "vitest";
import type { Transaction } from "../../../embedded/database/types.ts";
import { limitWarnings } from "../../../embedded/functions/limitWarnings.ts";
import type { Identity } from "../../../embedded/functions/types.ts";
import { errorOf, startFixture, valueOf, type Backend } from "./harness.ts";

let backend: Backend;
beforeEach(async () => {
  backend = await startFixture();
});

const ADA: Identity = { tokenIdentifier: "https://issuer|ada", issuer: "https://issuer", subject: "ada" };

describe("nested calls", () => {
  test("[E3.7] a sub-mutation that throws and is caught rolled back only itself", () => {
    expect(valueOf(backend.mutation("nested:catches"))).toEqual({
      caught: { refused: "undone" },
      seen: ["first"],
    });
    expect(valueOf(backend.query("notes:list"))).toEqual(["first", "last"]);
  });

  test("[E3.7] a sub-mutation that throws and is not caught undoes everything, and its data arrives", () => {
    const { result } = backend.mutation("nested:passesOn");
    expect(result).toMatchObject({ ok: false, error: { data: { refused: "undone" } } });
    expect(valueOf(backend.query("notes:list"))).toEqual([]);
  });

  test("a query cannot call a mutation; a query that writes is refused", () => {
    expect(errorOf(backend.query("nested:queryCallsMutation"))).toContain(
      "Trying to execute notes.js:add as Query, but it is defined as Mutation.",
    );
    expect(errorOf(backend.query("system:writes"))).toContain("Can't insert a document in a query");
  });

  test("[E3.8] endless recursion is refused in Convex's words, as an error that can be caught", () => {
    expect(errorOf(backend.query("nested:recurses"))).toContain("Cross component call depth limit exceeded.");
  });

  test("the arguments of a nested call are checked too", () => {
    expect(errorOf(backend.query("nested:badArguments"))).toMatch(
      /^Uncaught Error: ArgumentValidationError: /,
    );
  });
});

// `clone_for_snapshot_query` in convex-backend's crates/database/src/transaction.rs.
describe("queries of a stale snapshot", () => {
  test("[E3.9] see the state before the mutation, with none of its writes or of those of what it called", () => {
    const id = valueOf(backend.mutation("notes:add", { text: "before" }));
    expect(valueOf(backend.mutation("nested:readsStaleSnapshot", { remove: id }))).toEqual({
      stale: { list: ["before"], count: 1 },
      current: ["own", "nested"],
      sameSnapshot: true,
    });
  });

  test.each([
    [true, false],
    [false, true],
  ])(
    "[E3.9] useStaleSnapshot %s: a later commit conflicts with what was read: %s",
    (useStaleSnapshot, conflicts) => {
      valueOf(backend.mutation("notes:add", { text: "before" }));
      const transaction = backend.database.begin("mutation");
      const address = { component: "", path: "nested:listsBeforehand" };
      const call = { address, args: { useStaleSnapshot }, identity: null, visibility: "any" } as const;
      expect(valueOf(backend.executor.runMutation(call, transaction))).toEqual(["before"]);
      const other = backend.database.begin("mutation");
      other.insert("", "notes", { text: "other", rank: 1 });
      const commit = backend.database.commit(other);
      expect(transaction.readSet.overlaps(commit!.writes)).toBe(conflicts);
    },
  );

  test("[E3.9] when one throws, its error can be caught and the mutation's writes stay", () => {
    expect(valueOf(backend.mutation("nested:catchesStaleQuery"))).toEqual({ code: "NO" });
    expect(valueOf(backend.query("notes:list"))).toEqual(["kept"]);
  });

  test("[E3.9] a query cannot ask for one, neither by the option nor by the syscall", () => {
    expect(errorOf(backend.query("nested:queryAsksForStaleSnapshot"))).toContain(
      "`useStaleSnapshot` is only supported in mutations, not queries.",
    );
    expect(errorOf(backend.query("nested:queryMakesSnapshotSyscall"))).toContain(
      "Cannot call a SnapshotQuery function from a Query function",
    );
  });
});

describe("identity", () => {
  test("[E6.7] whoever looks at the identity, however deep, makes the query depend on it", () => {
    expect(backend.query("basic:echo", { value: 1 }, { identity: ADA }).readIdentity).toBe(false);
    const outcome = backend.query("nested:whoAmI", { depth: 3 }, { identity: ADA });
    expect(valueOf(outcome)).toEqual(ADA);
    expect(outcome.readIdentity).toBe(true);
    expect(valueOf(backend.query("nested:whoAmI", { depth: 0 }))).toBeNull();
  });

  test("[E13.3] a component that is called within the transaction sees the same caller", () => {
    const args = { component: "greeter", module: "greet", name: "identity" };
    const outcome = backend.query("nested:askComponent", args, { identity: ADA });
    expect(valueOf(outcome)).toEqual(ADA);
    expect(outcome.readIdentity).toBe(true);
  });
});

describe("components", () => {
  test("[E13.1] two mounts of one component, and their children, have tables of their own", () => {
    const greet = (component: string) =>
      valueOf(backend.mutation("nested:greet", { component, name: "Ada" }));
    expect(greet("greeter")).toBe("Hello, Ada (1)");
    expect(greet("greeter")).toBe("Hello, Ada (2)");
    expect(greet("politeGreeter")).toBe("Good evening, Ada (1)");
    expect(valueOf(backend.query("counts:get", { name: "Ada" }, { component: "greeter/counter" }))).toBe(2);
  });

  test("[E3.7] what fails in the app undoes what its components wrote", () => {
    const chunks = ["a", 1] as never;
    expect(errorOf(backend.mutation("nested:streamedText", { chunks }))).toContain("ArgumentValidationError");
    const greeting = { component: "nope", name: "Ada" };
    expect(errorOf(backend.mutation("nested:greet", greeting))).toContain('ComponentName("nope") not found');
  });

  test("[E14.1] a component sees the variables that it is given, and the backend's own", () => {
    const args = { component: "greeter", module: "greet", name: "environment" };
    expect(valueOf(backend.query("nested:askComponent", args))).toEqual({
      greeting: "Hello",
      note: null,
      secret: null,
      site: "http://127.0.0.1:3210",
    });
  });

  test("[E13.2] internal functions of a component are not part of it for its parent", () => {
    const args = { component: "persistentTextStreaming", module: "lib", name: "cleanupExpiredStreams" };
    expect(errorOf(backend.query("nested:askComponent", args))).toContain("does not export");
  });

  test("[E13.2] a function handle reaches into a component from anywhere, and names no function that is gone", () => {
    const args = { component: "greeter", module: "greet", name: "handleOfHello" };
    const handle = valueOf(backend.query("nested:askComponent", args)) as string;
    expect(handle).toMatch(/^function:\/\//);
    expect(valueOf(backend.mutation("nested:callsHandle", { handle, name: "Ada" }))).toBe("Hello, Ada (1)");
    for (const bad of ["function://nothing", "function://greeter#greet:gone", "function://%#x:y"]) {
      expect(errorOf(backend.mutation("nested:callsHandle", { handle: bad, name: "Ada" }))).toMatch(
        /Invalid function handle|no longer exists/,
      );
    }
  });

  test("[E13.1] @convex-dev/persistent-text-streaming: streams are written, read and deleted through the app", () => {
    const [streamId, text] = valueOf(
      backend.mutation("nested:streamedText", { chunks: ["Hel", "lo", "!"] }),
    ) as [string, unknown];
    expect(text).toEqual({ text: "Hello!", status: "done" });
    expect(valueOf(backend.query("nested:streamText", { streamId }))).toEqual({
      text: "Hello!",
      status: "done",
    });

    expect(valueOf(backend.mutation("nested:deletesStream", { streamId }))).toBeNull();
    expect(errorOf(backend.query("nested:streamText", { streamId }))).toContain("Stream not found");
    // Its chunks are left to a function that the component has scheduled for itself.
    const jobs = backend.database
      .begin("query")
      .system.query("", "_scheduled_jobs", "by_phase_time", ["pending"]);
    expect(jobs).toMatchObject([
      {
        component: "persistentTextStreaming",
        target: { component: "persistentTextStreaming", path: "lib:_deleteChunksPage" },
      },
    ]);
  });
});

describe("pages", () => {
  test("a page that is read again ends where it ended before", () => {
    for (const rank of [1, 2, 4]) backend.mutation("notes:add", { text: `note ${rank}`, rank });
    const args = { paginationOpts: { numItems: 2, cursor: null } };
    const first = backend.query("notes:page", args);
    expect(valueOf(first)).toMatchObject({ page: ["note 1", "note 2"], isDone: false });
    expect(first.journal).not.toBeNull();

    backend.mutation("notes:add", { text: "note 1.5", rank: 1.5 });
    const again = backend.query("notes:page", args, { journal: first.journal });
    expect(valueOf(again)).toMatchObject({ page: ["note 1", "note 1.5", "note 2"] });
    expect(again.journal).toBe(first.journal);

    const { continueCursor } = valueOf(again) as { continueCursor: string };
    const next = backend.query("notes:page", { paginationOpts: { numItems: 2, cursor: continueCursor } });
    expect(valueOf(next)).toMatchObject({ page: ["note 4"], isDone: true });
  });

  test("[E7.13] a cursor of another query fails it with the data at which clients start again", () => {
    const paginationOpts = { numItems: 2, cursor: "of-another-query" };
    expect(backend.query("notes:page", { paginationOpts }).result).toMatchObject({
      ok: false,
      error: { data: { isConvexSystemError: true, paginationError: "InvalidCursor" } },
    });
  });
});

describe("the rest of ctx", () => {
  test("[E9] scheduling is part of the transaction, and is visible to it", () => {
    const { id, name, state } = valueOf(backend.mutation("system:schedules", { name: "notes:add" })) as {
      id: string;
      name: string;
      state: string;
    };
    expect({ name, state }).toEqual({ name: "notes.js:add", state: "pending" });
    expect(valueOf(backend.mutation("system:cancels", { id }))).toBe("canceled");

    expect(errorOf(backend.mutation("system:schedules", { name: "notes:add", fails: true }))).toContain(
      "after scheduling",
    );
    const pending = backend.database
      .begin("query")
      .system.query("", "_scheduled_jobs", "by_phase_time", ["pending"]);
    expect(pending).toEqual([]);
  });

  test("[E9] what does not exist cannot be scheduled", () => {
    expect(errorOf(backend.mutation("system:schedules", { name: "notes:gone" }))).toContain(
      "Attempted to schedule function, but no exported function gone found in the file: notes.js. Did you forget to export it?",
    );
    expect(errorOf(backend.mutation("system:schedules", { name: "gone:away" }))).toContain(
      "Attempted to schedule function at nonexistent path: gone.js",
    );
  });

  test("[E12] upload URLs and missing files", () => {
    expect(valueOf(backend.mutation("system:uploadUrl"))).toMatch(
      /^http:\/\/127\.0\.0\.1:3210\/api\/storage\/upload\?token=/,
    );
  });

  // `FileStorageId::from_str` and `get_file_entry` in convex-backend's crates/model/src/file_storage/mod.rs, the prefix:
  // `with_argument_error` in its crates/isolate/src/environment/helpers/mod.rs.
  test.each([
    ["fileUrl", "storage.getUrl"],
    ["fileMetadata", "storage.getMetadata"],
    ["deletesFile", "storage.delete"],
  ])("[E12.1] what is no id of a file is refused by name: %s", (name, method) => {
    const call = name === "deletesFile" ? backend.mutation : backend.query;
    expect(errorOf(call(`system:${name}`, { id: "nonsense" }))).toContain(
      `Uncaught Error: Invalid argument \`storageId\` for \`${method}\`: Invalid storage ID: "nonsense". ` +
        "Storage ID should be an Id of '_storage' table, or a UUID string.\n",
    );
    const note = valueOf(backend.mutation("notes:add", { text: "no file" }));
    expect(errorOf(call(`system:${name}`, { id: note }))).toContain(
      "Invalid storage ID. Storage ID cannot be an ID on any table other than '_storage'.",
    );
  });

  test("ctx.meta says which function runs", () => {
    backend.mutation("notes:add", { text: "so that there is a commit" });
    expect(valueOf(backend.query("system:meta"))).toEqual({
      self: { name: "system:meta", componentPath: "", type: "query", visibility: "public" },
      snapshotIsPositive: true,
    });
  });

  // What Convex answers: `run_async_syscall_batch` in convex-backend's crates/isolate/src/environment/udf/async_syscall.rs.
  test.each([
    [
      "1.0/signJwt",
      "ctx.auth.signJwt() is not supported by the embedded backend. Sign the token with the jose package instead.",
    ],
    [
      "1.0/auditLog",
      "log.audit() is not supported by the embedded backend. Insert a document into a table of your own instead.",
    ],
    [
      "1.0/storageStore",
      "storage.store() is only available in actions. Store the file in an action instead.",
    ],
    ["1.0/storageGet", "storage.get() is only available in actions. Read the file in an action instead."],
    ["1.0/componentArgument", "Component arguments are not supported by the embedded backend."],
  ])("[E15.2] %s fails by name and says what to do instead", (op, message) => {
    expect(errorOf(backend.mutation("system:asks", { op }))).toContain(`Uncaught Error: ${message}`);
  });
  test("[E15.2] as its caller gets to it: ctx.auth.signJwt", () => {
    expect(errorOf(backend.mutation("system:signsJwt"))).toContain("ctx.auth.signJwt() is not supported");
  });
});

// `TransactionLimits::from_budget` in convex-backend's crates/database/src/execution_size.rs.
describe("[E8.14] limits of a nested call", () => {
  test("hold on top of what was used, for it and what it calls, and no longer than it runs", () => {
    const metrics = (used: number) => ({ used, remaining: 16_000 - used });
    expect(valueOf(backend.mutation("nested:callsWithLimits", { documentsWritten: 2 }))).toEqual({
      caught: expect.stringContaining("Too many writes in a single function execution (limit: 3)") as string,
      documentsWritten: metrics(2),
    });
    expect(valueOf(backend.mutation("nested:callsWithLimits", { documentsWritten: 3 }))).toEqual({
      caught: null,
      documentsWritten: metrics(5),
    });
    expect(valueOf(backend.query("notes:list"))).toHaveLength(7);
  });

  test("hold for what is read, too, and must be amounts", () => {
    for (const text of ["a", "b"]) valueOf(backend.mutation("notes:add", { text }));
    expect(valueOf(backend.query("nested:readsWithLimits", { documentsRead: 2 }))).toHaveLength(2);
    expect(errorOf(backend.query("nested:readsWithLimits", { documentsRead: 1 }))).toContain(
      "Too many documents read in a single function execution (limit: 1)",
    );
    expect(errorOf(backend.query("nested:readsWithLimits", { documentsRead: -1 }))).toContain(
      "`transactionLimits.documentsRead` must be a whole number",
    );
  });
});

// `approaching_limit_warning` in convex-backend's crates/udf/src/warnings.rs, and what is warned of:
// `add_warnings_to_log_lines` in its crates/isolate/src/environment/udf/mod.rs.
describe("[E8.15] a call that comes close to a limit is told so in its log:", () => {
  const MIB = 1 << 20;
  const text = (bytes: number) => "x".repeat(bytes);

  test("functions scheduled", () => {
    expect(backend.mutation("nested:schedulesMany", { count: 800 }).logLines).toEqual([]);
    expect(backend.mutation("nested:schedulesMany", { count: 801 }).logLines).toEqual([
      "[WARN] Many functions scheduled by this mutation (actual: 801, limit: 1000).",
    ]);
  });

  test("arguments, of the call itself and of what it schedules", () => {
    const { result, logLines } = backend.query("basic:size", { value: [text(14 * MIB)] });
    expect(result).toMatchObject({ ok: true });
    expect(logLines).toEqual([
      "[WARN] Large size of the function arguments (actual: 14680078 bytes, limit: 16777216 bytes).",
    ]);
    const scheduling = (bytes: number, count: number) =>
      backend.mutation("nested:schedulesMany", { count, bytes }).logLines;
    expect(scheduling(3 * MIB, 1)).toEqual([]);
    expect(scheduling(3.5 * MIB, 4)).toEqual([
      "[WARN] Large total size of the arguments of scheduled functions from this mutation " +
        "(actual: 14680108 bytes, limit: 16777216 bytes).",
      "[WARN] Large arguments for a single scheduled function from this mutation " +
        "(actual: 3670027 bytes, limit: 4194304 bytes).",
    ]);
    expect(scheduling(5 * MIB, 1)).toEqual([
      "[WARN] Large arguments for a single scheduled function from this mutation. This will become a hard error in " +
        "the future (actual: 5242891 bytes, limit: 4194304 bytes).",
    ]);
  });

  // `into_outcome` of each call inside of another warns by itself, in the same file of Convex.
  test("each call inside of it says so, too, of what the transaction has used until then", () => {
    const line = "[WARN] Many functions scheduled by this mutation (actual: 801, limit: 1000).";
    expect(backend.mutation("nested:callsSchedulesMany", { count: 801 }).logLines).toEqual([
      line,
      "[LOG] 'back'",
      line,
    ]);
  });

  test("the result", () => {
    const { logLines } = backend.query("nested:returns", { bytes: 14 * MIB });
    expect(logLines).toEqual([
      "[WARN] Large size of the function return value (actual: 14680066 bytes, limit: 16777216 bytes).",
    ]);
  });

  test("a document's size and nesting, by its id", () => {
    const writes = (bytes: number, levels: number) => {
      const { result, logLines } = backend.mutation("nested:writesBig", { bytes, levels });
      return { id: valueOf({ result }) as string, logLines };
    };
    expect(writes(800_000, 10).logLines).toEqual([]);
    const large = writes(900_000, 1);
    expect(large.logLines).toHaveLength(1);
    expect(large.logLines[0]).toMatch(
      new RegExp(
        `^\\[WARN\\] Large document written with ID "${large.id}" \\(actual: 900\\d{3} bytes, limit: 1048576 bytes\\)\\.$`,
      ),
    );
    const nested = writes(1, 12);
    expect(nested.logLines).toEqual([
      `[WARN] Deeply nested document written with ID "${nested.id}" (actual: 13 levels, limit: 16 levels).`,
    ]);
  });

  test("documents and bytes read and written, ranges, time, also of a call that failed", () => {
    const use = (usage: Partial<Transaction>) => {
      const transaction = { ...backend.database.begin("mutation").limits };
      const none = { documentsRead: 0, bytesRead: 0, documentsWritten: 0, bytesWritten: 0 };
      return limitWarnings(
        { limits: transaction, rangesRead: 0, biggestWrites: null, usage: none, ...usage } as Transaction,
        { argsBytes: 0, resultBytes: null, userMs: 801.5 },
      );
    };
    const help =
      " Consider using smaller limits in your queries, paginating your queries, or using indexed queries with a " +
      "selective index range expressions.";
    const time = "Function execution took a long time. (maximum duration: 1s, actual duration: 801.5ms).";
    expect(
      use({
        usage: {
          documentsRead: 25_601,
          bytesRead: 16 * MIB,
          documentsWritten: 16_000,
          bytesWritten: 13_421_773,
        },
        rangesRead: 3277,
      }),
    ).toEqual([
      `Many documents read in a single function execution (actual: 25601, limit: 32000).${help}`,
      `Many reads in a single function execution (actual: 3277, limit: 4096).${help}`,
      `Many bytes read in a single function execution (actual: 16777216 bytes, limit: 16777216 bytes).${help}`,
      "Many writes in a single function execution (actual: 16000, limit: 16000).",
      "Many bytes written in a single function execution (actual: 13421773 bytes, limit: 16777216 bytes).",
      time,
    ]);
    expect(
      use({
        usage: {
          documentsRead: 25_600,
          bytesRead: 16 * MIB + 1,
          documentsWritten: 12_800,
          bytesWritten: 13_421_772,
        },
        rangesRead: 3276,
      }),
    ).toEqual([time]);
    const { result, logLines } = backend.mutation("nested:schedulesMany", { count: 1001 });
    expect(result.ok).toBe(false);
    expect(logLines).toEqual([
      "[WARN] Many functions scheduled by this mutation (actual: 1000, limit: 1000).",
    ]);
  });
});

test("[E8.12] a function is told what its transaction has used, nested calls included, and what is left", () => {
  expect(valueOf(backend.mutation("nested:metrics"))).toMatchObject({
    documentsRead: { used: 1, remaining: 31_999 },
    documentsWritten: { used: 2, remaining: 15_998 },
    databaseQueries: { used: 1, remaining: 4095 },
    functionsScheduled: { used: 1, remaining: 999 },
    filesRead: { used: 0, remaining: 0 },
  });
});
