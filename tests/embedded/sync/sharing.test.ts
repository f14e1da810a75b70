/** [E6] Who shares an execution, and what wakes it: counted, not timed. */
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Backend } from "../../../embedded/backend.ts";
import { serve } from "../served/backend.ts";
import { RawClient, valueOf } from "./rawClient.ts";
import type { Received } from "./rawClient.ts";

/** How many queries `work` runs. */
async function executions(backend: Backend, work: () => Promise<unknown>): Promise<number> {
  const before = backend.metrics().queries;
  await work();
  return backend.metrics().queries - before;
}

/** Does the message bring this value, as JSON, to the query with this id? */
const value =
  (queryId: number, wanted: string) =>
  ({ modifications = [] }: Received): boolean =>
    modifications.some((found) => found.queryId === queryId && JSON.stringify(found.value) === wanted);

test("[E6.8] 1,000 subscriptions to one query: 1 execution for all, 1 per commit that touches it, 0 for others", async () => {
  const backend = await serve();
  const clients = await Promise.all(Array.from({ length: 50 }, () => RawClient.open(backend.url)));
  const queries = Array.from({ length: 20 }, () => ["messages:list", { channel: "a" }] as const);
  const everybodyHas = (wanted: string) =>
    Promise.all(clients.map((client) => client.next(value(19, wanted))));

  expect(
    await executions(backend, async () => {
      for (const client of clients) {
        client.connect();
        client.subscribe(queries);
      }
      await everybodyHas("[]");
    }),
  ).toBe(1);

  const writer = await RawClient.open(backend.url);
  writer.connect();
  expect(
    await executions(backend, async () => {
      writer.mutate(0, "messages:send", { channel: "a", text: "x" });
      await everybodyHas('["x"]');
    }),
  ).toBe(1);

  expect(
    await executions(backend, async () => {
      for (let request = 1; request <= 10; request++) {
        writer.mutate(request, "messages:send", { channel: "b", text: "x" });
        await writer.response(request);
      }
    }),
  ).toBe(0);
});

test("[E6.7] equal arguments are equal in whichever order their fields come", async () => {
  const backend = await serve();
  const client = await RawClient.open(backend.url);
  client.connect();
  expect(
    await executions(backend, async () => {
      client.subscribe([
        ["messages:echo", { value: { a: 1, b: [2] } }],
        ["messages:echo", { value: { b: [2], a: 1 } }],
        ["messages.js:echo", { value: { a: 1, b: [2] } }],
      ]);
      await client.next(({ type }) => type === "Transition");
    }),
  ).toBe(1);
});

test("[E6.7] a query that looks at the identity runs once for each identity, any other once for all", async () => {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: "1", alg: "RS256", use: "sig" };
  const backend = await serve({ env: { JWKS: JSON.stringify({ keys: [jwk] }) } });
  const tokenOf = (subject: string, issuedAt: number) =>
    new SignJWT({})
      .setProtectedHeader({ alg: "RS256", kid: "1" })
      .setIssuer(backend.url)
      .setSubject(subject)
      .setAudience("convex")
      .setIssuedAt(issuedAt)
      .setExpirationTime("1h")
      .sign(privateKey);
  const now = Math.floor(Date.now() / 1000);
  const open = async (subject: string): Promise<RawClient> => {
    const client = await RawClient.open(backend.url);
    client.connect();
    client.send({
      type: "Authenticate",
      tokenType: "User",
      value: await tokenOf(subject, now - 5),
      baseVersion: 0,
    });
    client.subscribe([
      ["messages:mine", {}],
      ["messages:list", { channel: "a" }],
      ["messages:page", { channel: "a", paginationOpts: { numItems: 2, cursor: null } }],
    ]);
    await client.next(({ type }) => type === "Transition");
    return client;
  };

  let clients: RawClient[] = [];
  expect(
    await executions(backend, async () => {
      clients = await Promise.all(["ann", "ann", "bob", "bob"].map(open));
    }),
  ).toBe(4);

  // A refreshed token is the same identity: the client is told that it counts, and nothing runs.
  const [ann] = clients;
  const refreshed = await tokenOf("ann", now);
  expect(
    await executions(backend, async () => {
      ann?.send({ type: "Authenticate", tokenType: "User", value: refreshed, baseVersion: 1 });
      await ann?.next(
        ({ endVersion, modifications }) => endVersion?.identity === 2 && modifications?.length === 0,
      );
    }),
  ).toBe(0);

  // What was written to ann's own channel is hers alone.
  expect(
    await executions(backend, async () => {
      ann?.mutate(0, "messages:send", { channel: "ann", text: "x" });
      await Promise.all(
        clients
          .slice(0, 2)
          .map((client) =>
            client.next((message) => JSON.stringify(valueOf(message) ?? null).includes('"texts":["x"]')),
          ),
      );
    }),
  ).toBe(1);
});

test("[E6.12] a result that depends on the clock is not given to who comes later; then all see the new one", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const backend = await serve();
  const [first, second, third] = await Promise.all([1, 2, 3].map(() => RawClient.open(backend.url)));
  const subscribed = async (client: RawClient | undefined): Promise<unknown> => {
    client?.connect();
    client?.subscribe([["messages:now", {}]]);
    return valueOf(await client?.next(({ type }) => type === "Transition"));
  };
  const start = Date.now();
  expect(await subscribed(first)).toBe(start);
  vi.setSystemTime(start + 4_000);
  expect(await subscribed(second)).toBe(start);
  vi.setSystemTime(start + 60_000);
  expect(await subscribed(third)).toBe(start + 60_000);
  await first?.next(value(0, String(start + 60_000)));
});

test("[E6.10] a slow client gets the newest result and none of those between, and its query does not run for it meanwhile", async () => {
  const backend = await serve();
  const slow = await RawClient.open(backend.url, { perMessageDeflate: false });
  slow.connect();
  slow.subscribe([["messages:list", { channel: "a" }]]);
  await slow.next(({ type }) => type === "Transition");
  slow.socket.pause();

  const writer = await RawClient.open(backend.url);
  writer.connect();
  const text = "x".repeat(40_000);
  const commits = 60;
  const ran = await executions(backend, async () => {
    for (let request = 0; request < commits; request++) {
      writer.mutate(request, "messages:send", { channel: "a", text });
      await writer.response(request);
    }
  });
  expect(ran).toBeLessThan(commits / 2);

  slow.socket.resume();
  const newest = await slow.next((message) => lengthOf(message) === commits);
  expect(valueOf(newest)).toHaveLength(commits);
  expect(slow.transitions.length).toBeLessThan(commits / 2);
});

const lengthOf = (message: Received): number => (valueOf(message) as unknown[] | undefined)?.length ?? 0;
