/** What keeps one client from using up the server over HTTP, with small limits. */
import { once } from "node:events";
import { request as send } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { generateUploadUrl, getUrl } from "../../../embedded/files/syscalls.ts";
import { serve } from "../served/backend.ts";
import { serveWithKeys } from "../served/issuer.ts";

const json = { "content-type": "application/json" };

const call = (url: string, kind: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${url}/api/${kind}`, {
    method: "POST",
    headers: { ...json, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

/** A request whose body is sent by the test. */
function begin(url: string, path: string, headers: Record<string, string> = {}): ClientRequest {
  const { port } = new URL(url);
  const sent = send({ port, host: "127.0.0.1", path, method: "POST", headers: { ...json, ...headers } });
  sent.on("error", () => {});
  onTestFinished(() => void sent.destroy());
  return sent;
}

async function answerOf(sent: ClientRequest): Promise<{ status: number; retryAfter: string | undefined }> {
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.resume();
  return { status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"] };
}

async function open(url: string): Promise<Socket> {
  const socket = connect({ port: Number(new URL(url).port), host: "127.0.0.1" });
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

test("[E10.13] bodies that drip hold none of the places of requests that have come whole", async () => {
  const { url } = await serve({ actionPlaces: { http: 1, arriving: 2 } });
  const dripping = Array.from({ length: 4 }, () => {
    const sent = begin(url, "/length");
    sent.write("x");
    return sent;
  });
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => fetch(`${url}/length`, { method: "POST", body: "whole" })),
  );
  expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(["5", "5", "5", "5"]);
  // A body that comes slowly is a body all the same.
  dripping[0]!.end("yz");
  expect(await answerOf(dripping[0]!)).toMatchObject({ status: 200 });
});

test("[E16.11] when bodies have used up the memory of those who are nobody, they are told to come later, and people go on", async () => {
  const { backend, tokenFor } = await serveWithKeys({ limits: { bufferBytes: 8_000_000 } });
  const { url } = backend;
  const hoarders: ClientRequest[] = [];
  const refused = await new Promise<ClientRequest>((resolve) => {
    for (let i = 0; i < 20; i++) {
      const sent = begin(url, "/api/mutation");
      hoarders.push(sent);
      sent.once("response", () => resolve(sent));
      sent.write(`{"path":"${"x".repeat(100_000)}`);
    }
  });
  expect(refused.destroyed).toBe(false);
  const query = { path: "messages:echo", args: { value: "x".repeat(50_000) } };
  const late = begin(url, "/api/mutation");
  late.write(`{"path":"${"x".repeat(400_000)}`);
  expect(await answerOf(late)).toEqual({ status: 503, retryAfter: "5" });
  const authorization = `Bearer ${await tokenFor("ann")}`;
  expect((await call(url, "query", query, { authorization })).status).toBe(200);
});

test("[E16.4] who has no identity sends smaller bodies", async () => {
  const limits = { anonymous: { messageBytes: 1_000 } };
  const { backend, tokenFor } = await serveWithKeys({ limits });
  const query = { path: "messages:echo", args: { value: "x".repeat(2_000) } };
  expect((await call(backend.url, "query", query)).status).toBe(413);
  const authorization = `Bearer ${await tokenFor("ann")}`;
  expect((await call(backend.url, "query", query, { authorization })).status).toBe(200);
});

test("[E16.9] idle connections give way to newcomers, the longest idle one first", async () => {
  const { url } = await serve({ limits: { connections: 3 } });
  const idle = [await open(url), await open(url), await open(url)];
  const gone = once(idle[0]!, "close");
  expect(await (await fetch(`${url}/version`)).text()).toMatch(/^\d/);
  await gone;
  expect(idle[1]!.destroyed).toBe(false);
});

test("[E16.9] one address has so many connections, and those of others stay", async () => {
  const { url } = await serve({ limits: { connectionsPerAddress: 2 } });
  const other = connect({ port: Number(new URL(url).port), host: "127.0.0.1", localAddress: "127.0.0.9" });
  onTestFinished(() => void other.destroy());
  await once(other, "connect");
  const [first] = [await open(url), await open(url)];
  const gone = once(first, "close");
  await open(url);
  await gone;
  expect(other.destroyed).toBe(false);
});

test("[E1.13] what encodes no value, or names no function, is its sender's fault", async () => {
  const { url } = await serve();
  const echo = (value: unknown) => call(url, "query", { path: "messages:echo", args: { value } });
  for (const value of [{ $integer: "AAAA" }, { $bytes: "abc" }, { list: [{ $float: "" }] }]) {
    const answer = await echo(value);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, "BadConvexArgs"]);
  }
  const deep = `{"path":"messages:echo","args":{"value":${"[".repeat(100_000)}${"]".repeat(100_000)}}}`;
  expect((await call(url, "query", deep)).status).toBe(400);
  expect((await call(url, "query", { path: "x".repeat(60_000), args: {} })).status).toBe(400);
});

test("[E12.9] a file that is too large is refused before it is sent where its size is said, and while it comes where not", async () => {
  const { url, engine } = await serve({ limits: { fileBytes: 1_000 } });
  const upload = async (headers: Record<string, string>) => {
    const { pathname, search } = new URL(await engine.transact((tx) => generateUploadUrl(tx, "", url)));
    const sent = begin(url, pathname + search, headers);
    const answer = answerOf(sent);
    sent.write("x".repeat(2_000));
    return answer;
  };
  expect(await upload({ "content-length": "1000000" })).toMatchObject({ status: 413 });
  expect(await upload({})).toMatchObject({ status: 413 });
});

// `request_metadata` in convex-backend's crates/isolate/src/environment/udf/async_syscall.rs.
test("[E10.14] functions are told of the request: its address behind trusted proxies, its program, its token", async () => {
  const { backend, tokenFor } = await serveWithKeys({ trustedProxies: ["127.0.0.1"] });
  const { url } = backend;
  const token = await tokenFor("ann");
  const headers = {
    "x-forwarded-for": "203.0.113.9, 198.51.100.7",
    "user-agent": "a test",
    authorization: `Bearer ${token}`,
  };
  const expected = { ip: "198.51.100.7", userAgent: "a test", authToken: token, scheduledFunctionId: null };
  const valueOf = async (answer: Response) => ((await answer.json()) as { value: unknown }).value;
  expect(
    await valueOf(await call(url, "mutation", { path: "requests:ofMutation", args: {} }, headers)),
  ).toMatchObject(expected);
  const ofAction = await valueOf(await call(url, "action", { path: "requests:ofAction", args: {} }, headers));
  const { own, called } = ofAction as { own: { requestId: string }; called: { requestId: string } };
  expect(own).toMatchObject(expected);
  expect(called).toEqual(own);
  expect(await (await fetch(`${url}/asked`, { headers })).json()).toMatchObject(expected);
});

test("[E1.14] without `showErrors` clients are told neither what was thrown nor where, nor what was logged", async () => {
  const { url } = await serve({ showErrors: false });
  const bare = /^\[Request ID: [0-9a-f]{16}\] Server Error$/;
  const answer = async (path: string, args: unknown): Promise<Record<string, unknown>> =>
    (await (await call(url, "mutation", { path, args })).json()) as Record<string, unknown>;
  expect((await answer("requests:fail", {}))["errorMessage"]).toMatch(bare);
  const refused = await answer("messages:sendAndFail", { channel: "a", text: "x" });
  expect(refused["errorMessage"]).toMatch(bare);
  expect(refused["errorData"]).toMatchObject({ code: "REFUSED" });
  expect(await answer("messages:send", { channel: "a", text: "x" })).toEqual({ status: "success", value: 1 });
  const failed = await fetch(`${url}/fail`);
  expect(failed.status).toBe(500);
  expect(await failed.json()).toEqual({ code: expect.stringMatching(bare) as string });
});

test("[E16.4] a connection on which requests are sent without waiting for answers is closed", async () => {
  const { url } = await serve();
  const socket = await open(url);
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
  socket.write("GET /version HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".repeat(100));
  await once(socket, "close");
  expect(text.split("HTTP/1.1 200").length - 1).toBeLessThan(100);
});

test("[E16.11] large heads, and what inflates a body, draw on the account while their bodies are to come", async () => {
  // One address has half of what nobodies have together: 500 kB.
  const { backend, tokenFor } = await serveWithKeys({ limits: { bufferBytes: 4_000_000 } });
  const { url } = backend;
  for (const headers of [{ cookie: "x".repeat(15_000) }, { "content-encoding": "gzip" }]) {
    const held: ClientRequest[] = [];
    const first = await new Promise<IncomingMessage>((resolve) => {
      for (let i = 0; i < 30; i++) {
        const sent = begin(url, "/api/query", headers);
        held.push(sent);
        sent.once("response", resolve);
        sent.flushHeaders();
      }
    });
    expect(first.statusCode).toBe(503);
    const authorization = `Bearer ${await tokenFor("ann")}`;
    const query = { path: "messages:echo", args: { value: 1 } };
    expect((await call(url, "query", query, { authorization })).status).toBe(200);
    for (const sent of held) sent.destroy();
  }
});

test("[E16.12] a body in chunks of one byte is put together again", async () => {
  const { url } = await serve();
  const socket = await open(url);
  const text = JSON.stringify({ path: "messages:echo", args: { value: "in pieces" } });
  const chunks = Array.from(text, (character) => `1\r\n${character}\r\n`).join("");
  socket.write(
    "POST /api/query HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n" +
      `Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`,
  );
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  expect(answer).toContain('{"status":"success","value":"in pieces"}');
});

test("[E16.11] downloads that nobody reads draw on the account: one address gets no more, another does", async () => {
  const { url, engine } = await serve({ limits: { bufferBytes: 4 * 1024 * 1024 } });
  const upload = await fetch(await engine.transact((tx) => generateUploadUrl(tx, "", url)), {
    ...{ method: "POST", body: new Uint8Array(16 * 1024 * 1024) },
  });
  const { storageId } = (await upload.json()) as { storageId: string };
  const file = new URL((await engine.transact((tx) => getUrl(tx, "", storageId, url))) ?? "");
  const download = async (localAddress: string) => {
    const { hostname: host, port, pathname: path } = file;
    const sent = send({ host, port, path, localAddress, agent: false });
    sent.on("error", () => {});
    onTestFinished(() => void sent.destroy());
    const [response] = (await once(sent.end(), "response")) as [IncomingMessage];
    return { sent, status: response.statusCode, retryAfter: response.headers["retry-after"] };
  };
  const downloads = [];
  for (let i = 0; i < 5; i++) downloads.push(await download("127.0.0.1"));
  expect(downloads.map(({ status }) => status)).toEqual([200, 200, 200, 200, 503]);
  expect(downloads[4]!.retryAfter).toBe("5");
  expect(await download("127.0.0.9")).toMatchObject({ status: 200 });
  for (const { sent } of downloads.slice(0, 2)) sent.destroy();
  await expect.poll(async () => (await download("127.0.0.1")).status).toBe(200);
});
