/** What whoever calls a function learns when it fails, and what the log says. */
import { fileURLToPath } from "node:url";
import { ConvexClient, ConvexHttpClient } from "convex/browser";
import { anyApi, type ApiFromModules } from "convex/server";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Backend } from "../../../embedded/backend.ts";
import { createLog } from "../../../embedded/log.ts";
import { embeddedTest } from "../../../embedded/testing.ts";
import { serve } from "../served/backend.ts";
import type * as failingFunctions from "./app/failing.ts";

const APP = fileURLToPath(new URL("./app", import.meta.url));
const { failing } = anyApi as unknown as ApiFromModules<{ failing: typeof failingFunctions }>;

const REQUEST_ID = /\[Request ID: ([0-9a-f]{16})\] Server Error/;

const thrownBy = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => Promise.reject(new Error("It did not fail")),
    (error: unknown) => error as Error,
  );

function requestIdIn({ message }: Error): string {
  expect(message).toMatch(REQUEST_ID);
  return REQUEST_ID.exec(message)![1]!;
}

// `RedactedJsError` in convex-backend's crates/application/src/redaction.rs, `RequestId` in its
// crates/common/src/execution_context.rs.
describe("on a server", () => {
  let backend: Backend;
  let lines: string[];
  beforeEach(async () => {
    lines = [];
    const log = createLog("info", (level, line) => lines.push(`${level} ${line}`));
    backend = await serve({ functionsDir: APP, log });
  });

  const failures = () => lines.filter((line) => line.includes("[FUNCTION FAILED]"));
  const failureOf = (path: string) => failures().filter((line) => line.includes(`function=${path}`));

  function connect(): ConvexClient {
    const client = new ConvexClient(backend.url);
    onTestFinished(() => client.close());
    return client;
  }

  test("[E1.10] [E1.11] a mutation over the socket: request id, error and stack; an expected failure's line of the log has no stack", async () => {
    const error = await thrownBy(connect().mutation(failing.mutation, {}));
    expect(error.name).toBe("ConvexError");
    expect(error).toMatchObject({ data: { code: "REFUSED", size: 7n } });
    expect(error.message).toMatch(
      /^\[CONVEX M\(failing:mutation\)\] \[Request ID: [0-9a-f]{16}\] Server Error\nUncaught ConvexError: \{"code":"REFUSED","size":"?7n?"?\}\n {4}at handler \(\.\.\/app\/failing\.ts:\d+:\d+\)\n\n {2}Called by client/,
    );
    const [line = "", ...others] = failureOf("failing:mutation");
    expect(line).toContain("warn [FUNCTION FAILED] Uncaught ConvexError: ");
    expect(line).not.toContain("at handler");
    expect(line).toContain(`request=${requestIdIn(error)}`);
    expect(others).toEqual([]);
  });

  test("[E1.10] [E1.11] over HTTP each request has an id of its own, that the log knows", async () => {
    const client = new ConvexHttpClient(backend.url);
    const first = await thrownBy(client.query(failing.query, {}));
    const second = await thrownBy(client.query(failing.query, {}));
    expect(first.message).toMatch(
      /^\[Request ID: [0-9a-f]{16}\] Server Error\nUncaught Error: the query failed with few notes\n {4}at <anonymous> \(\.\.\/app\/failing\.ts:\d+:\d+\)\n$/,
    );
    expect(requestIdIn(first)).not.toBe(requestIdIn(second));
    expect(failureOf("failing:query").map((line) => /request=(\w+)/.exec(line)?.[1])).toEqual([
      requestIdIn(first),
      requestIdIn(second),
    ]);
    const unknown = await thrownBy(client.query("failing:nothing" as unknown as typeof failing.query, {}));
    expect(unknown.message).toMatch(
      /^\[Request ID: [0-9a-f]{16}\] Server Error\nCould not find public function/,
    );
  });

  test("[E1.10] an action: what failed inside of it is in its message, once with a request id, and in the log with the same", async () => {
    const error = await thrownBy(connect().action(failing.action, {}));
    expect(error.message.match(/Request ID/g)).toHaveLength(1);
    expect(error.message).toMatch(
      /Uncaught Error: Uncaught TypeError: the inner mutation failed\n {4}at handler \(.*\)\n\n {4}at async <anonymous> \(\.\.\/app\/failing\.ts:\d+:\d+\)\n/,
    );
    const id = requestIdIn(error);
    for (const path of ["failing:inner", "failing:action"]) {
      expect(failureOf(path)).toEqual([expect.stringContaining(`request=${id}`)]);
    }
  });

  test("[E1.10] a live query that fails again in the same way is not sent again", async () => {
    const client = connect();
    const errors: string[] = [];
    let told: () => void = () => {};
    client.onUpdate(
      failing.query,
      {},
      () => {},
      ({ message }) => {
        errors.push(message);
        told();
      },
    );
    const until = (count: number) =>
      new Promise<void>((resolve) => {
        told = () => {
          if (errors.length === count) resolve();
        };
        told();
      });
    await until(1);
    // Runs it again, with the same outcome; the third time with another.
    await client.mutation(failing.add, {});
    await client.mutation(failing.add, {});
    await until(2);
    expect(failureOf("failing:query")).toHaveLength(3);
    expect(errors[0]).toContain("few notes");
    expect(errors[1]).toContain("many notes");
  });

  // `FunctionExecutionLog` in convex-backend's crates/application/src/function_log.rs.
  test("[E1.11] scheduled functions and crons, mutations and actions: each failure is in the log, with its stack", async () => {
    const client = connect();
    await client.mutation(failing.schedule, {});
    await expect.poll(() => failureOf("failing:scheduledMutation")).toHaveLength(1);
    await expect.poll(() => failureOf("failing:scheduledAction")).toHaveLength(1);
    await expect.poll(() => failureOf("crons:failingMutation")).toHaveLength(1);
    await expect.poll(() => failureOf("crons:failingAction")).toHaveLength(1);
    for (const line of failures()) {
      expect(line).toMatch(
        / Uncaught (Range)?Error: the \w+( \w+)*( of a cron)? failed ⏎ at <anonymous> \(\.\.\/app\/(failing|crons)\.ts:\d+:\d+\) function=\S+ request=[0-9a-f]{16}$/,
      );
    }
  });

  // `complete_job` in convex-backend's crates/application/src/scheduled_jobs/mod.rs: a JsError as text.
  test("[E9.4] the result of a scheduled function that failed is its error and stack, without a request id", async () => {
    const client = connect();
    await client.mutation(failing.schedule, {});
    const states = async () => (await client.query(failing.jobs, {})).map(({ state }) => state);
    await expect.poll(async () => (await states()).map(({ kind }) => kind)).toEqual(["failed", "failed"]);
    expect(await states()).toEqual([
      {
        kind: "failed",
        error: expect.stringMatching(
          /^Uncaught RangeError: the scheduled mutation failed\n {4}at <anonymous> \(\.\.\/app\/failing\.ts:\d+:\d+\)\n$/,
        ) as string,
      },
      {
        kind: "failed",
        error: expect.stringMatching(/^Uncaught RangeError: the scheduled action failed\n {4}at /) as string,
      },
    ]);
  });

  test("[E1.11] what a function catches is not logged", async () => {
    expect(await connect().mutation(failing.catches, {})).toBe("caught");
    expect(failureOf("failing:inner")).toEqual([]);
  });

  // `to_http_response_parts` in convex-backend's crates/application/src/redaction.rs.
  test("[E10.4] [E1.11] an HTTP action: message in `code`, stack in `trace`, the data of a ConvexError; and the log", async () => {
    const response = await fetch(`${backend.url}/fails`, { method: "POST" });
    expect(response.status).toBe(500);
    const body = (await response.json()) as { code: string; trace: string; data: unknown };
    expect(body).toEqual({
      code: expect.stringMatching(
        /^\[Request ID: [0-9a-f]{16}\] Server Error: Uncaught ConvexError: \{"code":"TEAPOT".*\}$/,
      ) as string,
      trace: expect.stringMatching(
        /^Uncaught ConvexError: .*\n {4}at (async )?<anonymous> \(\.\.\/app\/http\.ts:\d+:\d+\)\n/,
      ) as string,
      data: { code: "TEAPOT", size: { $integer: "BwAAAAAAAAA=" } },
    });
    const [line = ""] = failureOf("POST /fails");
    expect(line).toContain(`request=${REQUEST_ID.exec(body.code)![1]}`);
  });
});

describe("in tests", () => {
  function open() {
    const t = embeddedTest({ functionsDir: APP, env: {} });
    onTestFinished(() => t.close());
    return t;
  }

  // `keepNames` in convex-js's src/bundler/debugBundle.ts.
  test("[E18.9] classes and functions have the names that their sources give them", async () => {
    const t = open();
    expect(await t.query(failing.classNames, {})).toEqual([
      "NotFoundError",
      "NotFoundError",
      "NotFoundError",
      "arrow",
    ]);
    expect((await thrownBy(t.query(failing.throwsNamed, {}))).message).toMatch(
      /^Uncaught NotFoundError: no such note\n/,
    );
  });

  // `impl fmt::Display for FrameData` in convex-backend's crates/common/src/errors.rs.
  test.each([
    ["anonymous", [/at deep \(/, /at async <anonymous> \(/]],
    ["method", [/at fail \[as fail\] \(/, /at (async )?find \[as find\] \(/, /at async handler \(/]],
    ["constructs", [/at new Broken \(/, /at <anonymous> \(/]],
  ] as const)("[E18.6] frames are written as on Convex: %s", async (name, frames) => {
    const { message } = await thrownBy(open().query(failing[name], {}));
    const written = message.split("\n").slice(1);
    expect(written).toHaveLength(frames.length);
    for (const [place, frame] of frames.entries()) expect(written[place]).toMatch(frame);
  });

  // `run_udf` in convex-backend's crates/isolate/src/environment/udf/async_syscall.rs, `JsError` in its crates/common/src/errors.rs.
  test("[E18.6] the frames of a nested call's callers are behind its own", async () => {
    const { message } = await thrownBy(open().mutation(failing.calledByAnonymous, {}));
    expect(message.replaceAll(/\(.*?\)/g, "()")).toBe(
      "Uncaught Error: Uncaught Error: deep\n    at deep ()\n    at async <anonymous> ()\n\n    at async <anonymous> ()",
    );
  });
});
