import { request } from "node:http";
import { connect } from "node:net";
import path from "node:path";
import { text } from "node:stream/consumers";
import { ConvexHttpClient } from "convex/browser";
import { ConvexError } from "convex/values";
import { describe, expect, onTestFinished, test } from "vitest";
import { startBackend } from "../../../embedded/backend.ts";
import { createLog } from "../../../embedded/log.ts";
import { api } from "../served/api.ts";
import { APP, serve, temporaryFolder } from "../served/backend.ts";

const { messages } = api;

async function post(url: string, path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text) };
}

/** What `fetch` does not let a test say. */
function get(url: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

describe("functions over HTTP", () => {
  test("[E16.4] a batch has at most 256 queries", async () => {
    const backend = await serve();
    const batch = (length: number) =>
      post(backend.url, "/api/query_batch", {
        queries: Array.from({ length }, (_, value) => ({ path: "messages:echo", args: { value } })),
      });
    const warnings: string[] = [];
    const note = ({ name }: Error) => warnings.push(name);
    process.on("warning", note);
    onTestFinished(() => void process.off("warning", note));
    expect((await batch(256)).body.results).toHaveLength(256);
    // They share one look at the connection, not a listener each.
    expect(warnings).toEqual([]);
    const { queries } = backend.metrics();
    expect(await batch(257)).toMatchObject({ status: 400, body: { code: "TooManyQueries" } });
    expect(backend.metrics().queries).toBe(queries);
  });

  test("[E1.7] values come clean, or encoded when asked for", async () => {
    const { url } = await serve();
    const args = {
      value: {
        big: { $integer: "BwAAAAAAAAA=" },
        bytes: { $bytes: "AQI=" },
        nan: { $float: "AAAAAAAA+H8=" },
      },
    };
    expect((await post(url, "/api/query", { path: "messages:echo", args, format: "json" })).body).toEqual({
      status: "success",
      value: { big: "7", bytes: "AQI=", nan: "NaN" },
    });
    expect(
      (await post(url, "/api/query", { path: "messages:echo", args: [args], format: "convex_encoded_json" }))
        .body,
    ).toEqual({
      status: "success",
      value: args.value,
    });
    expect(await post(url, "/api/query", { path: "messages:echo", args, format: "xml" })).toMatchObject({
      status: 400,
      body: { code: "BadFormat" },
    });
  });

  test("[E1.6] a function that throws is status 200 with an error, its data and its log lines", async () => {
    const { url } = await serve();
    const call = { path: "messages:sendAndFail", args: { channel: "a", text: "x" }, format: "json" };
    expect(await post(url, "/api/mutation", call)).toMatchObject({
      status: 200,
      body: {
        status: "error",
        errorMessage: expect.stringContaining("ConvexError"),
        errorData: { code: "REFUSED", size: "7" },
      },
    });
    const sent = await post(url, "/api/mutation", { ...call, path: "messages:send" });
    expect(sent.body).toEqual({ status: "success", value: 1, logLines: ["[LOG] 'sending' 'x'"] });
    const client = new ConvexHttpClient(url, { logger: false });
    const error: unknown = await client
      .mutation(messages.sendAndFail, { channel: "a", text: "x" })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConvexError);
    expect((error as ConvexError<never>).data).toEqual({ code: "REFUSED", size: 7n });
  });

  test("[E1.6] unknown functions, wrong kinds and wrong arguments get Convex's own errors", async () => {
    const { url } = await serve();
    const message = async (endpoint: string, path: string, args = {}) =>
      (await post(url, endpoint, { path, args, format: "json" })).body.errorMessage as string;
    expect(await message("/api/query", "messages:nothing")).toContain(
      "Could not find public function for 'messages:nothing'",
    );
    expect(await message("/api/query", "messages:hidden")).toContain(
      "Could not find public function for 'messages:hidden'",
    );
    expect(await message("/api/query", "messages:send")).toContain("as Query, but it is defined as Mutation");
    expect(await message("/api/mutation", "messages:send", { channel: 1 })).toContain(
      "ArgumentValidationError",
    );
  });

  test("[E16.1] only this machine is answered, unless told otherwise", async () => {
    // Another of this machine's addresses stands for another machine.
    const statusElsewhere = async ({ url }: { url: string }): Promise<number> =>
      (await fetch(`http://127.0.0.2:${new URL(url).port}/version`)).status;
    await expect(statusElsewhere(await serve())).rejects.toThrow("fetch failed");
    expect(await statusElsewhere(await serve({ host: "0.0.0.0" }))).toBe(200);
  });

  test("[E1.6] [E1.8] what cannot be read is the caller's fault, by name", async () => {
    const { url } = await serve();
    const list = { path: "messages:list", args: { channel: "a" } };
    for (const ts of [undefined, 7, "AAAA"]) {
      expect(await post(url, "/api/query_at_ts", { ...list, ts })).toMatchObject({
        status: 400,
        body: { code: "BadJsonBody" },
      });
    }
    expect(await post(url, "/api/run/%E0%A4%A/send", { args: {} })).toMatchObject({
      status: 400,
      body: { code: "BadConvexFunctionIdentifier" },
    });
  });

  test("[E1.8] /api/run, /api/function and /api/query_batch", async () => {
    const { url } = await serve();
    const args = { channel: "a", text: "hello" };
    expect((await post(url, "/api/run/messages/send", { args })).body).toMatchObject({ value: 5 });
    expect((await post(url, "/api/function", { path: "messages:sendByAction", args })).body).toMatchObject({
      status: "success",
    });
    const list = { path: "messages:list", args: { channel: "a" } };
    expect((await post(url, "/api/query_batch", { queries: [list, list] })).body.results).toEqual([
      { status: "success", value: ["hello", "hello"] },
      { status: "success", value: ["hello", "hello"] },
    ]);
    const query = new URLSearchParams({ path: "messages:list", args: '{"channel":"a"}', format: "json" });
    expect(await (await fetch(`${url}/api/query?${query.toString()}`)).json()).toMatchObject({
      value: ["hello", "hello"],
    });
  });

  test("[E1.8] a consistent query works while nothing changes, and is refused by name once something has", async () => {
    const { url } = await serve();
    const client = new ConvexHttpClient(url, { logger: false });
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated or not, clients call it
    const list = () => client.consistentQuery(messages.list, { channel: "a" });
    expect(await list()).toEqual([]);
    expect(await list()).toEqual([]);
    await new ConvexHttpClient(url, { logger: false }).mutation(messages.send, {
      channel: "b",
      text: "x",
    });
    await expect(list()).rejects.toThrow("keeps no older versions");
  });

  test("[E16.4] bodies: no JSON, no path, too large", async () => {
    const { url } = await serve();
    expect(await post(url, "/api/query", "{")).toMatchObject({ status: 400, body: { code: "BadJsonBody" } });
    expect(await post(url, "/api/query", {})).toMatchObject({
      status: 400,
      body: { code: "BadConvexFunctionIdentifier" },
    });
    expect(await post(url, "/api/query", [])).toMatchObject({ status: 400 });
    const large = JSON.stringify({ path: "messages:echo", args: { value: "x".repeat(21 * 1024 * 1024) } });
    expect(await post(url, "/api/query", large)).toMatchObject({
      status: 413,
      body: { code: "RequestTooLarge" },
    });
    expect(
      (await post(url, "/api/query", { path: "messages:list", args: { channel: "a" } })).body.status,
    ).toBe("success");
  });

  test("[E19.2] [E1.8] unknown paths and wrong admin keys are refused with a sentence", async () => {
    const { url } = await serve();
    expect(await post(url, "/api/push_config", {})).toMatchObject({
      status: 404,
      body: { message: expect.stringContaining("`convex` CLI") },
    });
    const asAdmin = { authorization: "Convex key" };
    expect(await post(url, "/api/query", { path: "messages:list", args: {} }, asAdmin)).toMatchObject({
      status: 401,
      body: { code: "BadAdminKey" },
    });
    expect(await (await fetch(`${url}/instance_name`)).text()).toBe("embedded");
    expect(await (await fetch(`${url}/version`)).text()).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test("[E14.1] functions see where they are served", async () => {
    const { url } = await serve();
    expect((await post(url, "/api/query", { path: "messages:url", args: {} })).body.value).toBe(url);
  });
});

describe("who may use it from a browser", () => {
  test("[E16.3] the API answers its own and listed pages with CORS headers, and no others", async () => {
    const { url } = await serve({ allowedOrigins: ["https://chat.example.org"] });
    const call = { path: "messages:list", args: { channel: "a" } };
    const own = await post(url, "/api/query", call, { origin: url });
    expect(own.headers.get("access-control-allow-origin")).toBe(url);
    const listed = await post(url, "/api/query", call, { origin: "https://chat.example.org" });
    expect(listed.headers.get("access-control-allow-origin")).toBe("https://chat.example.org");
    const foreign = await post(url, "/api/query", call, { origin: "https://evil.example" });
    expect(foreign).toMatchObject({ status: 403, body: { code: "ForbiddenOrigin" } });
    expect(foreign.headers.get("access-control-allow-origin")).toBeNull();
    const preflight = await fetch(`${url}/api/query`, {
      method: "OPTIONS",
      headers: {
        origin: "https://chat.example.org",
        "access-control-request-headers": "content-type,convex-client",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toBe("content-type,convex-client");
  });

  test("[E16.8] a development server's page uses the API; whoever is refused is in the log", async () => {
    const lines: string[] = [];
    const log = createLog("warn", (_level, line) => lines.push(line));
    const { url } = await serve({ allowLocalPages: true, log });
    const call = { path: "messages:list", args: { channel: "a" } };
    const page = { origin: "http://localhost:5173" };
    const answered = await post(url, "/api/query", call, page);
    expect(answered).toMatchObject({ status: 200, body: { status: "success" } });
    expect(answered.headers.get("access-control-allow-origin")).toBe(page.origin);
    await post(url, "/api/query", call, { origin: "https://evil.example" });
    await post(url, "/api/query", call, { origin: "https://evil.example" });
    expect(lines).toEqual([expect.stringMatching(/^\[HTTP\] Pages of https:\/\/evil\.example may not use/)]);
  });

  test("[E16.2] a name that is not ours is refused everywhere (DNS rebinding)", async () => {
    const { url } = await serve();
    for (const path of ["/", "/api/query", "/greet"]) {
      expect(await get(url + path, { host: "evil.example" })).toMatchObject({ status: 403 });
    }
    expect((await get(`${url}/greet`, { host: "localhost" })).status).toBe(200);
  });

  test("[E16.2] nor is a request with two names, of which a proxy in front may have looked at the other", async () => {
    const { url } = await serve();
    const { host, port, hostname } = new URL(url);
    const socket = connect({ port: Number(port), host: hostname });
    socket.write(`GET /greet HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 403 /);
  });
});

describe("[E10] HTTP actions come before everything else", () => {
  // `user_identity` in convex-backend's crates/isolate/src/environment/action/task_executor.rs.
  test("[E11.6] an invalid token fails only who asks for the identity, in the action and in what it calls", async () => {
    const { url } = await serve();
    const authorization = "Bearer nonsense";
    const answer = async (path: string) => (await fetch(url + path, { headers: { authorization } })).text();
    expect(await answer("/anyone")).toBe("hello");
    expect(await answer("/greet")).toContain("Server Error: Uncaught Error: Could not parse JWT payload.");
    expect(await answer("/mine")).toContain("Could not parse JWT payload.");
    const basic = await fetch(`${url}/greet`, { headers: { authorization: "Basic eDp5" } });
    expect(await basic.text()).toContain("Invalid admin key");
  });

  test("[E10.2] with their own headers; without a token as nobody", async () => {
    const { url } = await serve();
    const response = await fetch(`${url}/greet`);
    expect(await response.text()).toBe("hello nobody");
    expect(response.headers.get("x-made-by")).toBe("app");
    expect((await fetch(`${url}/greet`, { method: "POST" })).status).toBe(404);
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
  });
});

describe("[E16.6] a start that cannot be says what to do", () => {
  const options = () => ({ functionsDir: APP, buildDir: temporaryFolder(), dataDir: "memory", port: 0 });
  test("port in use", async () => {
    const { url } = await serve();
    const port = Number(new URL(url).port);
    await expect(startBackend({ ...options(), port })).rejects.toThrow(`PORT=${port + 1}`);
  });
  test("an address that is not this machine's", async () => {
    await expect(startBackend({ ...options(), host: "192.0.2.1" })).rejects.toThrow("HOST=192.0.2.1");
  });
  test("a data folder that cannot be written", async () => {
    await expect(
      startBackend({ ...options(), dataDir: path.join(APP, "schema.ts", "data") }),
    ).rejects.toThrow("cannot be written");
  });
  test("no functions", async () => {
    await expect(startBackend({ ...options(), functionsDir: "/nowhere" })).rejects.toThrow(
      "no functions folder",
    );
  });
});
