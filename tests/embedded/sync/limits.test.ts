/** What keeps clients from using up the server, with small limits. */
import type { Socket } from "node:net";
import { expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { serve } from "../served/backend.ts";
import { RawClient, valueOf } from "./rawClient.ts";

/** The status with which a WebSocket is refused, or 101. */
function upgradeStatus(url: string, options: { origin?: string; protocol?: string } = {}): Promise<number> {
  const { origin, protocol } = options;
  const socket = new WebSocket(
    url.replace("http", "ws"),
    protocol === undefined ? [] : [protocol],
    origin === undefined ? {} : { origin },
  );
  return new Promise((resolve) => {
    socket.on("open", () => {
      socket.terminate();
      resolve(101);
    });
    socket.on("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
    socket.on("error", () => {});
  });
}

test("[E16.9] a newcomer gets the place of the client that has been silent longest and has not signed in", async () => {
  const { url } = await serve({ limits: { sockets: 2 } });
  const [first, second] = [await RawClient.open(url), await RawClient.open(url)];
  first.connect();
  first.subscribe([["messages:list", { channel: "a" }]]);
  await first.next(({ type }) => type === "Transition");
  expect(await upgradeStatus(`${url}/api/1.48.0/sync`)).toBe(101);
  expect(await second.closed).toEqual({ code: 1013, reason: "TooManyConcurrentRequests" });
  first.mutate(0, "messages:send", { channel: "a", text: "still here" });
  expect(await first.response(0)).toMatchObject({ success: true });
});

test("[E16.9] administrators are not sent away for newcomers, who are then refused", async () => {
  const { url, adminKey } = await serve({ limits: { sockets: 1 } });
  const client = await RawClient.open(url);
  client.connect();
  client.send({ type: "Authenticate", baseVersion: 0, tokenType: "Admin", value: adminKey });
  await client.next(({ type }) => type === "Transition");
  expect(await upgradeStatus(`${url}/api/1.48.0/sync`)).toBe(503);
  client.socket.close();
  await client.closed;
  await expect.poll(() => upgradeStatus(`${url}/api/1.48.0/sync`)).toBe(101);
});

test("[E1.5] a client that does not answer is given up; one that does stays", async () => {
  const { url } = await serve({ syncTimes: { heartbeatMs: 20, clientTimeoutMs: 200 } });
  const silent = await RawClient.open(url, { autoPong: false });
  const alive = await RawClient.open(url);
  expect(await silent.closed).toMatchObject({ code: 1006 });
  alive.connect();
  alive.mutate(0, "messages:send", { channel: "a", text: "x" });
  expect(await alive.response(0)).toMatchObject({ success: true });
});

test("[E6.10] a client that lets its responses pile up is cut off, and what it has in line is not run", async () => {
  // The administrator's messages are all taken at once; and nobody else gets in while they are connected.
  const limits = { sockets: 1, person: { unreadBytes: 100_000, waitingBytes: 64_000_000 } };
  const backend = await serve({ limits });
  const client = await RawClient.open(backend.url, { perMessageDeflate: false });
  client.connect();
  client.send({ type: "Authenticate", baseVersion: 0, tokenType: "Admin", value: backend.adminKey });
  await client.next(({ type }) => type === "Transition");
  const requests = 900;
  const before = backend.metrics().mutations;
  client.socket.pause();
  // Each response repeats its text as a log line: together more than a socket's buffers take.
  const text = "x".repeat(30_000);
  for (let request = 0; request < requests; request++) {
    client.mutate(request, "messages:send", { channel: "a", text });
  }
  const isOut = async () => expect(await upgradeStatus(`${backend.url}/api/1.48.0/sync`)).toBe(101);
  await vi.waitFor(isOut, 15_000);
  client.socket.resume();
  expect(await client.closed).toMatchObject({ code: 1006 });
  expect(client.received.length).toBeLessThan(requests);
  expect(backend.metrics().mutations - before).toBeLessThan(requests);
});

test("[E1.9] messages are compressed for other machines, also behind a proxy on this one, and not within it", async () => {
  const { url } = await serve({ allowedOrigins: ["https://chat.example.org"] });
  const near = await RawClient.open(url);
  const far = await RawClient.open(url, { headers: { host: "chat.example.org" } });
  expect(near.socket.extensions).toBe("");
  expect(far.socket.extensions).toContain("permessage-deflate");
  far.connect();
  far.subscribe([["messages:large", { characters: 10_000 }]]);
  expect(valueOf(await far.next(({ type }) => type === "Transition"))).toHaveLength(10_000);
});

test("[E16.3] upgrades for the page's own server are looked at first", async () => {
  const taken: (string | undefined)[] = [];
  const { url } = await serve({
    page: {
      attach: (server) => {
        server.on("upgrade", (request, socket: Socket) => {
          taken.push(request.headers.origin);
          socket.end("HTTP/1.1 418 Taken\r\n\r\n");
        });
        return (_request, response) => response.end("page");
      },
    },
  });
  const hotReload = { protocol: "vite-hmr" };
  expect(await upgradeStatus(url, { ...hotReload, origin: "https://evil.example" })).toBe(403);
  expect(await upgradeStatus(url, { ...hotReload, origin: url })).toBe(418);
  expect(taken).toEqual([url]);
  expect(await (await fetch(url)).text()).toBe("page");
});

test("[E10.8] a client whose action found no place is sent away, to come back by itself, as on Convex", async () => {
  const { url } = await serve({ actionPlaces: { isolate: 0 }, actionWaitMs: 0 });
  const client = await RawClient.open(url);
  client.connect();
  client.act(0, "messages:sendByAction", { channel: "a", text: "x" });
  expect(await client.closed).toEqual({ code: 1013, reason: "TooManyConcurrentRequests" });
});

test("[E10.8] over HTTP an action that found no place is a 429, as on Convex", async () => {
  const { url } = await serve({ actionPlaces: { isolate: 0 }, actionWaitMs: 0 });
  const response = await fetch(`${url}/api/action`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ path: "messages:sendByAction", args: { channel: "a", text: "x" } }),
  });
  expect(response.status).toBe(429);
  expect(await response.json()).toEqual({
    code: "TooManyConcurrentRequests",
    message: expect.stringMatching(/^Too many concurrent requests\./) as string,
  });
});
