/** What keeps one client from using up the server over its socket, with small limits. */
import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { serve } from "../served/backend.ts";
import { serveWithKeys } from "../served/issuer.ts";
import { RawClient } from "./rawClient.ts";

const signIn = async (client: RawClient, token: string): Promise<void> => {
  client.send({ type: "Authenticate", baseVersion: 0, tokenType: "User", value: token });
  await client.next(({ type }) => type === "Transition");
};

test("[E16.4] messages are small until the client has signed in", async () => {
  const limits = { anonymous: { messageBytes: 100_000 } };
  const { backend, tokenFor } = await serveWithKeys({ limits });
  const open = async () => {
    const client = await RawClient.open(backend.url, { perMessageDeflate: false });
    client.connect();
    return client;
  };
  const stranger = await open();
  stranger.mutate(0, "messages:send", { channel: "a", text: "x".repeat(200_000) });
  expect(await stranger.closed).toMatchObject({ code: expect.toBeOneOf([1006, 1009]) as number });
  const person = await open();
  await signIn(person, await tokenFor("ann"));
  person.mutate(0, "messages:send", { channel: "a", text: "x".repeat(200_000) });
  expect(await person.response(0)).toMatchObject({ success: true });
});

test("[E16.4] a message that never ends is cut off where it becomes too large, not at its end", async () => {
  const { url } = await serve({ limits: { anonymous: { messageBytes: 100_000 } } });
  const client = await RawClient.open(url, { perMessageDeflate: false });
  client.socket.on("error", () => {});
  for (let i = 0; i < 20; i++) client.socket.send("x".repeat(20_000), { fin: false });
  await client.closed;
});

test("[E16.11] messages that never end draw on the one account, and newcomers find room when they are cut off", async () => {
  const { url } = await serve({
    limits: { bufferBytes: 4_000_000, anonymous: { messageBytes: 1_000_000 } },
  });
  const clients = await Promise.all(
    Array.from({ length: 8 }, () => RawClient.open(url, { perMessageDeflate: false })),
  );
  for (const client of clients) {
    client.socket.on("error", () => {});
    client.socket.send("x".repeat(300_000), { fin: false });
  }
  // One address has half of what nobodies have together: 500 kB.
  await expect
    .poll(() => clients.filter(({ socket }) => socket.readyState === WebSocket.CLOSED).length)
    .toBeGreaterThanOrEqual(7);
  const newcomer = await RawClient.open(url);
  newcomer.connect();
  newcomer.mutate(0, "messages:send", { channel: "a", text: "x" });
  expect(await newcomer.response(0)).toMatchObject({ success: true });
});

test("[E16.4] what a connection watches counts for as long as it does", async () => {
  const { url } = await serve({ limits: { anonymous: { waitingBytes: 100_000 } } });
  const client = await RawClient.open(url);
  client.connect();
  client.subscribe([["messages:echo", { value: "x".repeat(60_000) }]]);
  await client.next(({ type }) => type === "Transition");
  client.send({
    type: "ModifyQuerySet",
    baseVersion: 1,
    newVersion: 2,
    modifications: [{ type: "Remove", queryId: 0 }],
  });
  client.subscribe([["messages:echo", { value: "y".repeat(60_000) }]], 2, 1);
  await client.next(({ endVersion }) => endVersion?.querySet === 3);
  client.subscribe([["messages:echo", { value: "z".repeat(60_000) }]], 3, 2);
  expect(await client.closed).toEqual({ code: 1013, reason: "TooManyConcurrentRequests" });
});

test("[E16.4] pings without end", async () => {
  const { url } = await serve();
  const client = await RawClient.open(url);
  for (let i = 0; i < 1_000; i++) client.socket.ping();
  expect(await client.closed).toMatchObject({ code: 1006 });
});

test("[E16.9] one person has so many sockets; the longest silent one goes", async () => {
  const { backend, tokenFor } = await serveWithKeys({ limits: { socketsPerPerson: 2 } });
  const token = await tokenFor("ann");
  const open = async () => {
    const client = await RawClient.open(backend.url);
    client.connect();
    await signIn(client, token);
    return client;
  };
  const [first] = [await open(), await open()];
  await open();
  expect(await first.closed).toEqual({ code: 1013, reason: "TooManyConcurrentRequests" });
});

test("[E4.5] what somebody's request came to is told to nobody else, and not run again for them", async () => {
  const { backend, tokenFor } = await serveWithKeys();
  const sessionId = randomUUID();
  const asked = async (subject: string | null) => {
    const client = await RawClient.open(backend.url);
    client.connect({ sessionId });
    if (subject !== null) await signIn(client, await tokenFor(subject));
    client.mutate(0, "messages:send", { channel: "a", text: "secret" });
    return client.response(0);
  };
  expect(await asked("ann")).toMatchObject({ success: true, result: 6 });
  for (const other of ["bob", null]) {
    expect(await asked(other)).toMatchObject({
      success: false,
      result: expect.stringContaining("somebody else") as string,
    });
  }
  expect(await asked("ann")).toMatchObject({ success: true, result: 6 });
  const count = await backend.engine.transact((tx) => tx.count("", "messages"));
  expect(count).toBe(1);
});

test("[E4.1] calls that fail leave no record, however long their names are", async () => {
  const backend = await serve();
  const client = await RawClient.open(backend.url);
  client.connect();
  for (let requestId = 0; requestId < 20; requestId++)
    client.mutate(requestId, requestId % 2 === 0 ? `no:${"x".repeat(1_000)}` : "messages:sendAndFail", {
      channel: "a",
      text: "x",
    });
  await client.response(19);
  expect(
    await backend.engine.transact((tx) => tx.system.query("", "_session_requests", "by_creation_time", [])),
  ).toEqual([]);
  client.mutate(20, "x".repeat(60_000), {});
  expect((await client.next(({ type }) => type === "FatalError")).error).toContain("too long");
});

test("[E1.14] without `showErrors` live queries and mutations tell no more than the request's number, and an administrator all", async () => {
  const { url, adminKey } = await serve({ showErrors: false });
  const client = await RawClient.open(url);
  client.connect();
  client.subscribe([["messages:none", {}]]);
  client.mutate(0, "requests:fail", {});
  const bare = expect.stringMatching(/^\[Request ID: [0-9a-f]{16}\] Server Error$/) as string;
  expect((await client.next(({ type }) => type === "Transition")).modifications?.[0]).toMatchObject({
    errorMessage: bare,
  });
  expect(await client.response(0)).toMatchObject({ result: bare, logLines: [] });
  const admin = await RawClient.open(url);
  admin.connect();
  admin.send({ type: "Authenticate", baseVersion: 0, tokenType: "Admin", value: adminKey });
  admin.mutate(0, "requests:fail", {});
  expect((await admin.response(0)).result).toContain("in a file of the server");
});

test("[E16.4] what a stranger has compressed is inflated no further than to what they may send", async () => {
  const limits = { anonymous: { messageBytes: 100_000 } };
  const { backend, tokenFor } = await serveWithKeys({ limits });
  // Compression is offered to other machines: a proxy's name.
  const open = async () => {
    const client = await RawClient.open(backend.url, { headers: { host: "192.0.2.1" } });
    expect(client.socket.extensions).toContain("permessage-deflate");
    client.connect();
    return client;
  };
  const stranger = await open();
  stranger.mutate(0, "messages:send", { channel: "a", text: "x".repeat(200_000) });
  // Without a reason: by whoever inflates, not by whoever reads what is whole ("MessageTooLarge").
  expect(await stranger.closed).toEqual({ code: 1009, reason: "" });
  const person = await open();
  await signIn(person, await tokenFor("ann"));
  person.mutate(0, "messages:send", { channel: "a", text: "x".repeat(200_000) });
  expect(await person.response(0)).toMatchObject({ success: true });
  person.send({ type: "Authenticate", baseVersion: 1, tokenType: "None" });
  person.mutate(1, "messages:send", { channel: "a", text: "x".repeat(200_000) });
  expect(await person.closed).toEqual({ code: 1009, reason: "" });
});

test("[E16.11] a transition is counted before it is written: one large result, watched many times over", async () => {
  // One person has half: 2 MB for the three forms that a transition takes.
  const { backend, tokenFor } = await serveWithKeys({ limits: { bufferBytes: 4_000_000 } });
  await backend.engine.transact((tx) =>
    tx.insert("", "messages", { channel: "a", text: "x".repeat(100_000) }),
  );
  const watch = async (times: number) => {
    const client = await RawClient.open(backend.url);
    client.connect();
    await signIn(client, await tokenFor("ann"));
    client.subscribe(Array.from({ length: times }, () => ["messages:list", { channel: "a" }] as const));
    return client;
  };
  const modest = await watch(5);
  await modest.next(({ endVersion }) => endVersion?.querySet === 1);
  const greedy = await watch(100);
  expect(await greedy.closed).toEqual({ code: 1013, reason: "TooManyConcurrentRequests" });
  // And nothing of it stays with the account.
  modest.socket.terminate();
  await (await watch(5)).next(({ endVersion }) => endVersion?.querySet === 1);
});
