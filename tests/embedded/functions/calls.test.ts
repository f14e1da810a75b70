/** What is checked around a function, and what its caller learns when it fails. */
import type { JSONValue } from "convex/values";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { silentLog } from "../../../embedded/log.ts";
import { measureValue } from "../../../embedded/values/normalize.ts";
import { canonicalizePath } from "../../../embedded/functions/references.ts";
import { errorOf, startFixture, valueOf, type Backend } from "./harness.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await startFixture();
});

describe("which function is meant", () => {
  test.each([
    ["messages:send", "messages:send"],
    ["messages.js:send", "messages:send"],
    ["folder/messages.ts:send", "folder/messages:send"],
    ["messages", "messages:default"],
    ["messages.js", "messages:default"],
  ])("%s → %s", (path, canonical) => {
    expect(canonicalizePath(path)).toBe(canonical);
  });

  test("a default export is a function like any other", () => {
    expect(valueOf(backend.query("basic:default"))).toBe("default export");
  });

  test.each(["nope:nope", "basic:nope", "basic:secret"])(
    "unknown, or internal, to a client: %s gets Convex's one answer",
    (path) => {
      expect(errorOf(backend.query(path))).toBe(
        `Could not find public function for '${path}'. Did you forget to run \`npx convex dev\` or \`npx convex deploy\`?\n`,
      );
    },
  );

  test("an internal function is found by the backend itself", () => {
    expect(valueOf(backend.query("basic:secret", {}, { visibility: "any" }))).toBe("hidden");
  });

  test("the wrong kind: both kinds are named", () => {
    expect(errorOf(backend.query("notes:add", { text: "x" }))).toBe(
      "Trying to execute notes.js:add as Query, but it is defined as Mutation.\n",
    );
    expect(errorOf(backend.mutation("basic:anAction"))).toBe(
      "Trying to execute basic.js:anAction as Mutation, but it is defined as Action.\n",
    );
  });
});

describe("arguments and results", () => {
  test("[E7.6] arguments that do not fit: ArgumentValidationError", () => {
    expect(errorOf(backend.query("basic:typed", { id: "no id" }))).toMatch(/^ArgumentValidationError: .*\n/);
    expect(errorOf(backend.query("basic:typed", {}))).toContain("missing the required field `id`");
  });

  test("[E7.4] the id of another table does not fit", () => {
    const job = valueOf(backend.mutation("system:schedules", { name: "notes:add" })) as { id: string };
    expect(errorOf(backend.query("basic:typed", { id: job.id }))).toMatch(/^ArgumentValidationError: /);
  });

  test("[E7.6] a result that does not fit: ReturnsValidationError, and nothing is written", () => {
    const id = valueOf(backend.mutation("notes:add", { text: "typed" }));
    expect(valueOf(backend.query("basic:typed", { id }))).toBe("ok");
    expect(errorOf(backend.query("basic:typed", { id, count: 1 }))).toMatch(/^ReturnsValidationError: /);
  });

  test("arguments are one object", () => {
    expect(errorOf(backend.query("basic:echo", [1]))).toContain("must be one object");
  });

  test("[E7] all kinds of values pass through unchanged", () => {
    const value = {
      integer: { $integer: "AQAAAAAAAAA=" },
      bytes: { $bytes: "AAEC" },
      negativeZero: { $float: "AAAAAAAAAIA=" },
      list: [null, true, 1.5, "text", { nested: [] }],
    };
    expect(valueOf(backend.query("basic:echo", { value }))).toEqual(value);
  });

  test("undefined is returned as null; functions and unfinished queries are refused", () => {
    expect(valueOf(backend.query("basic:returnsUndefined"))).toBeNull();
    expect(errorOf(backend.query("basic:returnsFunction"))).toContain("is not a supported Convex type");
    expect(errorOf(backend.query("basic:returnsQuery"))).toContain("Return value is a Query.");
  });

  test("[E8.9] a result of more than 16 MiB is refused", () => {
    expect(errorOf(backend.query("basic:returnsMuch"))).toContain(
      "Function basic.js:returnsMuch return value is too large",
    );
  });
});

// `deserialize_udf_result` in convex-backend's crates/isolate/src/helpers.rs, `ValidatedPathAndArgs` in its crates/udf.
describe("[E7.19] what may be passed and returned is what may be stored", () => {
  const nested = (depth: number): JSONValue => (depth === 0 ? 1 : [nested(depth - 1)]);
  test.each([
    ["nested too deep", nested(64), "Value is too nested (nested 65 levels deep > maximum nesting 64)"],
    [
      "an array too long",
      new Array<JSONValue>(8193).fill(0),
      "Array length is too long (8193 > maximum length 8192)",
    ],
    ["a field of Convex's own", { $odd: 1, a: 1 }, "Field name $odd starts with '$', which is reserved."],
    ["a field name of other letters", { ä: 1 }, "Field name ä has invalid character 'ä'"],
    ["half a character", "half \ud83d of it", "half a character"],
  ])("arguments: %s", (_title, value, words) => {
    expect(errorOf(backend.query("basic:echo", { value }))).toContain(words);
  });

  test.each([
    ["nested", "Function basic.js:returnsUnsound return value invalid: Value is too nested"],
    ["long", "Function basic.js:returnsUnsound return value invalid: Array length is too long"],
    ["half", "Function basic.js:returnsUnsound return value invalid: it holds text with half a character"],
  ])("results: %s", (how, words) => {
    expect(errorOf(backend.query("basic:returnsUnsound", { how }))).toContain(words);
  });

  test("what looks like half a character and is none passes", () => {
    const value = ["😀", "\\ud83d", "\\\\ud83d", "\ud83d\ude00"];
    expect(valueOf(backend.query("basic:echo", { value }))).toEqual(value);
  });

  test("[E8.9] sizes are those of values: text that JSON makes long may pass, and numbers that it makes short may not", () => {
    expect(measureValue('"'.repeat(9 << 20))).toBe((9 << 20) + 2);
    const numbers = { value: new Array<JSONValue>(250).fill(new Array<JSONValue>(8000).fill(1)) };
    expect(errorOf(backend.query("basic:echo", numbers))).toMatch(
      /^Arguments for basic\.js:echo are too large \(actual: 17\.17 MiB, limit: 16 MiB\)\n$/,
    );
  });
});

describe("failures", () => {
  test("[E18.6] an error: its class, its text, and frames in the source files", () => {
    expect(errorOf(backend.query("basic:throwsError"))).toMatch(
      /^Uncaught TypeError: boom\n {4}at explode \(\.\.\/app\/basic\.ts:\d+:\d+\)\n {4}at handler \(\.\.\/app\/basic\.ts:\d+:\d+\)\n$/,
    );
  });

  test("an error of the database has the frame of the function that awaited it", () => {
    expect(errorOf(backend.query("nested:badArguments"))).toMatch(
      /\n {4}at async handler \(\.\.\/app\/nested\.ts:\d+:\d+\)\n$/,
    );
  });

  test("a ConvexError carries its data, in Convex's encoding", () => {
    const { result } = backend.mutation("basic:throwsConvexError");
    expect(result).toMatchObject({
      ok: false,
      error: { data: { code: "NOPE", count: { $integer: "AwAAAAAAAAA=" } } },
    });
    expect(errorOf({ result })).toMatch(/^Uncaught ConvexError: \{"code":"NOPE"/);
  });

  test.each([
    ["text", "Uncaught text\n"],
    [5, "Uncaught 5\n"],
    [null, "Uncaught null\n"],
    [{ name: "Odd", message: "object" }, "Uncaught Odd: object\n"],
  ])("anything may be thrown: %j", (value, message) => {
    expect(errorOf(backend.query("basic:throwsValue", { value }))).toBe(message);
  });

  test("a promise that can never resolve is named as one, and the next call runs", () => {
    expect(errorOf(backend.query("basic:neverEnds"))).toBe("Returned promise will never resolve\n");
    expect(valueOf(backend.query("basic:echo", { value: 1 }))).toBe(1);
  });

  // `error_dynamic_import_callback` in convex-backend's crates/isolate/src/isolate.rs.
  test("[E8.16] import() is refused while a query runs, each time", () => {
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(errorOf(backend.query("basic:importsWhenCalled"))).toContain(
        "Uncaught TypeError: dynamic module import unsupported",
      );
    }
  });
});

// `PendingUnhandledPromiseRejections` in convex-backend's crates/isolate/src/execution_scope.rs, and where it is read:
// `run_inner` in crates/isolate/src/environment/udf/mod.rs.
describe("a rejected promise that nobody awaits", () => {
  beforeEach(async () => {
    backend = await startFixture();
  });

  test("[E8.11] fails the mutation, with the error's frames, and nothing is written", () => {
    expect(errorOf(backend.mutation("basic:forgetsToAwait", { how: "reject" }))).toMatch(
      /^Uncaught Error: forgotten\n {4}at handler \(\.\.\/app\/basic\.ts:\d+:\d+\)\n/,
    );
    expect(valueOf(backend.query("notes:list"))).toEqual([]);
  });

  test.each([
    ["syscall", "Invalid argument `id` for `db.patch`"],
    ["throw", "forgotten"],
    ["data", "ConvexError: forgotten"],
  ])("[E8.11] however it was rejected: %s", (how, message) => {
    expect(errorOf(backend.mutation("basic:forgetsToAwait", { how }))).toContain(message);
  });

  test("[E8.11] that somebody handles before the function waits for the database fails nothing", () => {
    expect(valueOf(backend.mutation("basic:forgetsToAwait", { how: "later" }))).toBe("done");
    expect(valueOf(backend.mutation("basic:clear"))).toBe(1);
  });

  // On Convex it does: `run_inner` looks before each syscall.
  test("[E15.5] that somebody handles after the function waited for the database fails nothing here", () => {
    expect(valueOf(backend.mutation("basic:forgetsToAwait", { how: "afterRead" }))).toBe("done");
  });

  test("[E8.11] of a called function fails that function: its caller can catch it, and its writes are gone", () => {
    expect(valueOf(backend.mutation("basic:catchesForgetful"))).toEqual({ caught: true, notes: 0 });
  });

  test("[E8.11] is told of once, and to nobody else: the next calls run, and the process is not told", async () => {
    const errors: string[] = [];
    const logged = await startFixture({ ...silentLog, error: (_area, message) => errors.push(message) });
    errorOf(logged.mutation("basic:forgetsToAwait", { how: "reject" }));
    expect(valueOf(logged.query("basic:echo", { value: 1 }))).toBe(1);
    // Node.js tells of unhandled rejections when it is idle.
    await new Promise((resolve) => setImmediate(resolve));
    expect(valueOf(logged.query("basic:echo", { value: 2 }))).toBe(2);
    errorOf(logged.mutation("basic:forgetsToAwait", { how: "reject" }));
    await new Promise((resolve) => setImmediate(resolve));
    expect(errors).toEqual([]);
  });
});

describe("log lines", () => {
  test("values are printed as Convex prints them", () => {
    expect(backend.mutation("world:logs").logLines).toEqual([
      "[LOG] 'text' 1 2n true null undefined [ 1, 2 ] {\n  a: 1,\n  b: {\n    c: 'it\\'s'\n  }\n}",
      "[WARN] 'careful'",
      "[ERROR] [Error: bad]",
      "[DEBUG] Map (1) {\n  'k' => 1\n} Set (1) {\n  1\n} [] {} [\n  {\n    a: 1\n  }\n]",
      "[INFO] Symbol(s) [Function (anonymous)] Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)",
    ]);
  });

  test("[E8.9] more than 256 lines are left out, and a line says so", () => {
    const { logLines } = backend.query("world:manyLogs");
    expect(logLines).toHaveLength(257);
    expect(logLines[256]).toBe("[ERROR] Log overflow (maximum 256). Remaining log lines omitted.");
  });
});
