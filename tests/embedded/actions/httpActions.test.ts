import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Deployment } from "../../../embedded/functions/types.ts";
import { createLog } from "../../../embedded/log.ts";
import { ALICE, buildApp, openApp, ORIGIN, type App } from "./openApp.ts";

let deployment: Deployment;
let removeDeployment: () => void;
beforeAll(async () => {
  [deployment, removeDeployment] = await buildApp();
});
afterAll(() => {
  removeDeployment();
});

const encoder = new TextEncoder();
const decoder = new TextDecoder();

describe.each(["inProcess", "worker"] as const)("[E10] HTTP actions, %s", (mode) => {
  let app: App;
  const lines: string[] = [];
  beforeAll(() => {
    app = openApp({ deployment, mode, log: createLog("info", (_level, line) => lines.push(line)) });
  });
  afterAll(() => app.close());

  const send = (
    path: string,
    init: RequestInit & { duplex?: "half" } = {},
    identity = null as typeof ALICE | null,
  ) => app.host.httpAction("", new Request(`${ORIGIN}${path}`, init), identity);

  test("[E10.2] method, URL, headers and body reach the function; status, headers and body come back", async () => {
    const response = await send("/echo?a=1", {
      method: "POST",
      body: "the body",
      headers: { "x-sent": "yes" },
    });
    expect(response.status).toBe(201);
    expect(await response.text()).toBe("the body");
    expect(response.headers.get("x-query")).toBe("?a=1");
    expect(response.headers.get("x-header")).toBe("yes");
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  });

  test("[E11] the caller's identity, or nobody", async () => {
    expect(await (await send("/user", {}, ALICE)).text()).toBe("alice");
    expect(await (await send("/user")).text()).toBe("nobody");
  });

  test("[E10.3] both bodies stream: each chunk goes out before the next comes in", async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const response = await send("/pipe", { method: "POST", body: readable, duplex: "half" });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    for (const text of ["first", "second", "third"]) {
      await writer.write(encoder.encode(text));
      expect(decoder.decode((await reader.read()).value)).toBe(text);
    }
    await writer.close();
    expect((await reader.read()).done).toBe(true);
  });

  test("[E10.3] bytes arrive as they were sent, also those of a view on a larger buffer", async () => {
    const bytes = new Uint8Array(70_000).map((_, index) => index % 251).subarray(1000, 68_000);
    const response = await send("/pipe", { method: "POST", body: bytes });
    expect(Buffer.from(await response.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true);
  });

  test("[E10.3] a reader that waits makes the function wait", async () => {
    lines.length = 0;
    const response = await send("/count/1000");
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(decoder.decode((await reader.read()).value)).toBe("0;");
    // What was going to be made without being asked for has been made when later requests were answered.
    await (await send("/count/30")).text();
    await reader.cancel();
    await expect.poll(() => lines.join("\n")).toMatch(/client went:' \d+/);
    const [, made] = /client went:' (\d+)/.exec(lines.join("\n")) ?? [];
    expect(Number(made)).toBeLessThan(10);
  });

  test("[E10.1] a prefix route; HEAD runs the GET route and has no body; 204 has none", async () => {
    expect(await (await send("/count/3")).text()).toBe("0;1;2;");
    const head = await send("/count/3", { method: "HEAD" });
    expect([head.status, head.body]).toEqual([200, null]);
    expect((await send("/empty")).status).toBe(204);
  });

  test("[E10.4] an error before the response is a 500 that says what happened", async () => {
    const response = await send("/fail");
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      code: expect.stringMatching(
        /^\[Request ID: [0-9a-f]{16}\] Server Error: Uncaught Error: handler broke$/,
      ) as string,
      trace: expect.stringMatching(
        /^Uncaught Error: handler broke\n {4}at .*app\/http\.ts:\d+:\d+\)\n$/,
      ) as string,
    });
    expect((await send("/notAResponse")).status).toBe(500);
  });

  test("[E10.4] an error in the middle of a body breaks it off", async () => {
    const response = await send("/failLate");
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  test("[E10.5] the request's signal fires when its client goes, and the run goes on to its end", async () => {
    const client = new AbortController();
    const response = await send("/watch", { signal: client.signal });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(decoder.decode((await reader.read()).value)).toBe("open");
    client.abort();
    await expect.poll(() => lines.join("\n")).toContain("client has gone");
  });

  test("[E10.5] so it does when the response's body is given up", async () => {
    lines.length = 0;
    const response = await send("/watch");
    await response.body?.cancel();
    await expect.poll(() => lines.join("\n")).toContain("client has gone");
  });
});

test("[E10.12] [E17] an HTTP action that is cut off by a shutdown breaks off its response", async () => {
  const app = openApp({ deployment, mode: "worker" });
  const response = await app.host.httpAction("", new Request(`${ORIGIN}/watch`), null);
  await app.close();
  await expect(response.text()).rejects.toThrow();
});

test("[E10.8] an HTTP action that found no place is a 429, as on Convex", async () => {
  const app = openApp({ deployment, mode: "inProcess", places: { http: 0 }, limits: { maxWaitMs: 0 } });
  const response = await app.host.httpAction("", new Request(`${ORIGIN}/user`), null);
  expect(response.status).toBe(429);
  expect(await response.json()).toMatchObject({ code: "TooManyConcurrentRequests" });
  await app.close();
});
