/** What the official client relies on but does not show. */
import { describe, expect, test, vi } from "vitest";
import { serve } from "../served/backend.ts";
import { RawClient, timestamp, valueOf } from "./rawClient.ts";
import type { Received } from "./rawClient.ts";

describe("transitions", () => {
  test("[E2.4][E2.5] versions chain, all queries move at once, and the response comes before the transition that shows it", async () => {
    const { url } = await serve();
    const client = await RawClient.open(url);
    client.connect();
    client.subscribe([
      ["messages:list", { channel: "a" }],
      ["messages:hasAny", { channel: "a" }],
      ["messages:list", { channel: "b" }],
    ]);
    await client.next(({ type }) => type === "Transition");
    client.mutate(0, "messages:send", { channel: "a", text: "x" });
    const response = await client.response(0);
    expect(response).toMatchObject({ success: true, result: 1, logLines: ["[LOG] 'sending' 'x'"] });
    const second = await client.next(
      ({ type, startVersion }) => type === "Transition" && startVersion?.querySet === 1,
    );

    const [first] = client.transitions;
    expect(first).toMatchObject({
      startVersion: { querySet: 0, identity: 0, ts: "AAAAAAAAAAA=" },
      endVersion: { querySet: 1, identity: 0 },
      modifications: [
        { type: "QueryUpdated", queryId: 0, value: [] },
        { type: "QueryUpdated", queryId: 1, value: false },
        { type: "QueryUpdated", queryId: 2, value: [] },
      ],
    });
    expect(second.startVersion).toEqual(first?.endVersion);
    expect(second.modifications).toEqual([
      { type: "QueryUpdated", queryId: 0, value: ["x"], logLines: [], journal: null },
      { type: "QueryUpdated", queryId: 1, value: true, logLines: [], journal: null },
    ]);
    expect(timestamp(second.endVersion?.ts)).toBeGreaterThanOrEqual(timestamp(response.ts));
    expect(client.received.indexOf(response)).toBeLessThan(client.received.indexOf(second));
    expect(second).toMatchObject({ clientClockSkew: expect.any(Number), serverTs: expect.any(Number) });
  });

  test("[E2.5] a mutation that changes none of its queries still gets a transition to its timestamp", async () => {
    const { url } = await serve();
    const client = await RawClient.open(url);
    client.connect();
    client.subscribe([["messages:list", { channel: "a" }]]);
    client.mutate(0, "messages:send", { channel: "elsewhere", text: "x" });
    const { ts } = await client.response(0);
    const reached = await client.next(
      ({ type, endVersion }) => type === "Transition" && timestamp(endVersion?.ts) >= timestamp(ts),
    );
    expect(reached.modifications?.every(({ value }) => JSON.stringify(value) === "[]")).toBe(true);
  });

  test("[E6.9] an unchanged result is not sent, not even an empty transition", async () => {
    const { url } = await serve();
    const watcher = await RawClient.open(url);
    watcher.connect();
    watcher.subscribe([["messages:hasAny", { channel: "a" }]]);
    const writer = await RawClient.open(url);
    writer.connect();
    writer.mutate(0, "messages:send", { channel: "a", text: "1" });
    await watcher.next(({ modifications }) => modifications?.[0]?.value === true);
    const before = watcher.received.length;
    writer.mutate(1, "messages:send", { channel: "a", text: "2" });
    await writer.response(1);
    // Whatever came for the second message would have come before the answer to this.
    watcher.subscribe([["messages:list", { channel: "a" }]], 1, 1);
    const next = await watcher.next(({ modifications }) => modifications?.[0]?.queryId === 1);
    expect(watcher.received.indexOf(next)).toBe(before);
    expect(next.modifications).toHaveLength(1);
  });

  test("[E2.4] a query that is removed, and one that comes in its place", async () => {
    const { url } = await serve();
    const client = await RawClient.open(url);
    client.connect();
    client.subscribe([["messages:list", { channel: "a" }]]);
    await client.next(({ type }) => type === "Transition");
    client.send({
      type: "ModifyQuerySet",
      baseVersion: 1,
      newVersion: 3,
      modifications: [
        { type: "Remove", queryId: 0 },
        { type: "Add", queryId: 7, udfPath: "messages:hasAny", args: [{ channel: "a" }] },
      ],
    });
    const transition = await client.next(({ endVersion }) => endVersion?.querySet === 3);
    expect(transition.modifications).toEqual([
      { type: "QueryRemoved", queryId: 0 },
      { type: "QueryUpdated", queryId: 7, value: false, logLines: [], journal: null },
    ]);
  });

  test("[E1.1] a query that throws, then does not: QueryFailed with errorData, then QueryUpdated", async () => {
    const { url } = await serve();
    const client = await RawClient.open(url);
    client.connect();
    client.subscribe([
      ["messages:failing", { channel: "a" }],
      ["messages:nothing", {}],
      ["messages:hidden", {}],
    ]);
    const first = await client.next(({ type }) => type === "Transition");
    expect(first.modifications).toMatchObject([
      { type: "QueryUpdated", value: "empty" },
      {
        type: "QueryFailed",
        errorMessage: expect.stringContaining("Could not find public function for 'messages:nothing'"),
      },
      {
        type: "QueryFailed",
        errorMessage: expect.stringContaining("Could not find public function for 'messages:hidden'"),
      },
    ]);
    client.mutate(0, "messages:send", { channel: "a", text: "x" });
    const failed = await client.next(({ modifications }) => modifications?.[0]?.errorData !== undefined);
    expect(failed.modifications).toMatchObject([
      { type: "QueryFailed", queryId: 0, errorData: { code: "NOT_EMPTY" }, logLines: [], journal: null },
    ]);
  });

  test("[E2.6] a page keeps its end when it grows (journals)", async () => {
    const { url } = await serve();
    const client = await RawClient.open(url);
    client.connect();
    for (const [place, text] of ["1", "2"].entries()) {
      client.mutate(place, "messages:send", { channel: "a", text });
      await client.response(place);
    }
    const args = { channel: "a", paginationOpts: { numItems: 2, cursor: null } };
    client.subscribe([["messages:page", args]]);
    const first = await client.next(({ modifications }) => modifications?.length === 1);
    expect(textsOf(first)).toEqual(["2", "1"]);
    expect(first.modifications?.[0]?.journal).toEqual(expect.any(String));
    client.mutate(2, "messages:send", { channel: "a", text: "3" });
    const grown = await client.next((message) => textsOf(message).length === 3);
    expect(textsOf(grown)).toEqual(["3", "2", "1"]);
    // A new subscription is a page of its own; one that brings the journal back is the old page.
    const other = await RawClient.open(url);
    other.connect();
    other.send({
      type: "ModifyQuerySet",
      baseVersion: 0,
      newVersion: 1,
      modifications: [null, first.modifications?.[0]?.journal].map((journal, queryId) => ({
        type: "Add",
        queryId,
        udfPath: "messages:page",
        args: [args],
        journal,
      })),
    });
    const fresh = await other.next(({ type }) => type === "Transition");
    expect(textsOf(fresh, 0)).toEqual(["3", "2"]);
    expect(textsOf(fresh, 1)).toEqual(["3", "2", "1"]);
  });

  test("[E1.4] a large result comes in chunks", async () => {
    const { url } = await serve();
    const client = await RawClient.open(url);
    client.connect();
    client.subscribe([["messages:large", { characters: 6_000_000 }]]);
    const last = await client.next(
      ({ type, partNumber, totalParts }) =>
        type === "TransitionChunk" && partNumber === (totalParts ?? 0) - 1,
    );
    const whole = client.received.filter(({ type }) => type === "TransitionChunk").map(({ chunk }) => chunk);
    expect(whole).toHaveLength(last.totalParts ?? 0);
    expect(valueOf(JSON.parse(whole.join("")) as Received)).toHaveLength(6_000_000);
  });
});

describe("exactly once", () => {
  test("[E4.1] a mutation that is sent again is answered again and not run again, on another connection and after a failure too", async () => {
    const { url } = await serve();
    const first = await RawClient.open(url);
    first.connect();
    first.mutate(0, "messages:send", { channel: "a", text: "once" });
    first.mutate(1, "messages:sendAndFail", { channel: "a", text: "never" });
    const answers = [await first.response(0), await first.response(1)];
    first.socket.terminate();

    const second = await RawClient.open(url);
    second.connect({ sessionId: first.sessionId, connectionCount: 1 });
    second.mutate(0, "messages:send", { channel: "a", text: "once" });
    second.mutate(1, "messages:sendAndFail", { channel: "a", text: "never" });
    second.mutate(2, "messages:send", { channel: "a", text: "twice" });
    const again = [await second.response(0), await second.response(1)];
    expect(again[0]).toMatchObject({ success: true, result: 4, logLines: answers[0]?.logLines });
    expect(timestamp(again[0]?.ts)).toBeGreaterThanOrEqual(timestamp(answers[0]?.ts));
    expect(again[1]).toEqual(answers[1]);
    await second.response(2);
    second.subscribe([["messages:list", { channel: "a" }]]);
    const transition = await second.next(({ modifications }) => modifications?.length === 1);
    expect(valueOf(transition)).toEqual(["once", "twice"]);
  });

  test("[E4.1] a repetition is followed by a transition, for which clients wait, also when nothing was committed since", async () => {
    const { url } = await serve();
    const first = await RawClient.open(url);
    first.connect();
    first.mutate(0, "messages:send", { channel: "a", text: "once" });
    await first.response(0);
    first.socket.terminate();

    const second = await RawClient.open(url);
    second.connect({ sessionId: first.sessionId, connectionCount: 1 });
    second.subscribe([["messages:list", { channel: "a" }]]);
    await second.next(({ type }) => type === "Transition");
    second.mutate(0, "messages:send", { channel: "a", text: "once" });
    const { ts } = await second.response(0);
    const transition = await second.next(
      ({ type, modifications }) => type === "Transition" && modifications?.length === 0,
    );
    expect(timestamp(transition.endVersion?.ts)).toBeGreaterThanOrEqual(timestamp(ts));
  });

  test("[E4.1] of the same request from two connections at once, one runs", async () => {
    const { url } = await serve();
    const clients = await Promise.all(Array.from({ length: 8 }, () => RawClient.open(url)));
    const [first] = clients;
    for (const client of clients) {
      client.connect({ sessionId: first?.sessionId });
      client.mutate(0, "messages:send", { channel: "a", text: "once" });
    }
    await Promise.all(clients.map((client) => client.response(0)));
    first?.subscribe([["messages:list", { channel: "a" }]]);
    const transition = await first?.next(({ modifications }) => modifications?.length === 1);
    expect(valueOf(transition)).toEqual(["once"]);
  });

  test("[E4.1] other sessions and other requests are others", async () => {
    const { url } = await serve();
    const clients = await Promise.all([RawClient.open(url), RawClient.open(url)]);
    for (const client of clients) {
      client.connect();
      client.mutate(0, "messages:send", { channel: "a", text: "x" });
      client.mutate(1, "messages:send", { channel: "a", text: "x" });
      await client.response(1);
    }
    clients[0].subscribe([["messages:list", { channel: "a" }]]);
    const transition = await clients[0].next(({ modifications }) => modifications?.length === 1);
    expect(valueOf(transition)).toHaveLength(4);
  });

  test("[E4.2] a client's mutations keep their order, whatever else is sent", async () => {
    const { url } = await serve();
    const client = await RawClient.open(url);
    client.connect();
    const texts = Array.from({ length: 50 }, (_, place) => String(place));
    for (const [place, text] of texts.entries())
      client.mutate(place, "messages:send", { channel: "a", text });
    await client.response(49);
    client.subscribe([["messages:list", { channel: "a" }]]);
    const transition = await client.next(({ modifications }) => modifications?.length === 1);
    expect(valueOf(transition)).toEqual(texts);
  });
});

describe("[E1.2] bad input ends the connection with Convex's words, and nothing else", () => {
  const connect = async () => {
    const { url } = await serve();
    const client = await RawClient.open(url);
    return { url, client };
  };
  /** The process is unharmed: somebody else is served. */
  const expectServed = async (url: string) => {
    const other = await RawClient.open(url);
    other.connect();
    other.subscribe([["messages:list", { channel: "a" }]]);
    await other.next(({ type }) => type === "Transition");
  };

  test.each([
    ["no JSON", "{", "Received Invalid JSON on websocket"],
    ["an unknown message", { type: "Hello" }, "unknown variant `Hello`"],
    [
      "a stale query set",
      { type: "ModifyQuerySet", baseVersion: 5, newVersion: 6, modifications: [] },
      "Base version 5",
    ],
    ["a stale identity", { type: "Authenticate", tokenType: "None", baseVersion: 3 }, "Base version 3"],
    [
      "a query that is not there",
      {
        type: "ModifyQuerySet",
        baseVersion: 0,
        newVersion: 1,
        modifications: [{ type: "Remove", queryId: 1 }],
      },
      "Nonexistent query id: 1",
    ],
    [
      "a function of a component",
      { type: "Mutation", requestId: 0, udfPath: "a:b", args: [{}], componentPath: "child" },
      "Only admin or system users",
    ],
  ])("%s", async (_title, message, words) => {
    const { url, client } = await connect();
    client.connect();
    client.send(message);
    expect(await client.next(({ type }) => type === "FatalError")).toMatchObject({
      error: expect.stringContaining(words),
    });
    expect(await client.closed).toEqual({ code: 1005, reason: "" });
    await expectServed(url);
  });

  test("bytes that are no text", async () => {
    const { url, client } = await connect();
    client.socket.send(Buffer.from([1, 2, 3]), { binary: true });
    await client.next(({ type }) => type === "FatalError");
    await expectServed(url);
  });

  test("[E16.4] more queries than a connection may watch", async () => {
    const { url } = await serve({ limits: { anonymous: { queries: 2000 } } });
    const client = await RawClient.open(url);
    client.connect();
    const queries = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => ["messages:echo", { value: from + i }] as const);
    client.subscribe(queries(0, 2000));
    await client.next(({ type }) => type === "Transition");
    client.subscribe(queries(2000, 2001), 1, 2000);
    expect((await client.next(({ type }) => type === "FatalError")).error).toContain("2000");
    await client.closed;
  });

  test("[E1.3] a frame beyond the limit", async () => {
    const { url, client } = await connect();
    client.socket.on("error", () => {});
    client.socket.send("x".repeat(21 * 1024 * 1024), { compress: false });
    expect((await client.closed).code).toBe(1009);
    await expectServed(url);
  });

  test("[E1.3] a broken frame", async () => {
    const { url, client } = await connect();
    // A reserved opcode.
    (client.socket as unknown as { _socket: { write: (bytes: Buffer) => void } })._socket.write(
      Buffer.from([0x8b, 0x80, 0, 0, 0, 0]),
    );
    expect((await client.closed).code).toBe(1002);
    await expectServed(url);
  });

  test("wrong arguments, an internal function, a mutation called as an action: answered, the session goes on", async () => {
    const { client } = await connect();
    client.connect();
    client.mutate(0, "messages:send", { channel: 1 });
    client.mutate(1, "messages:list", { channel: "a" });
    client.mutate(2, "messages:hidden", {});
    client.mutate(3, "messages:send", { channel: "a", text: "x" });
    expect((await client.response(0)).result).toContain("ArgumentValidationError");
    expect((await client.response(1)).result).toContain("as Mutation, but it is defined as Query");
    expect((await client.response(2)).result).toContain("Could not find public function");
    expect(await client.response(3)).toMatchObject({ success: true });
  });

  test("[E8.5] a function that never ends is cut off, and those in line behind it run", async () => {
    const { client } = await connect();
    client.connect();
    client.mutate(0, "messages:loop", {});
    client.mutate(1, "messages:send", { channel: "a", text: "x" });
    expect(await client.response(0)).toMatchObject({
      success: false,
      result: expect.stringContaining("timed out"),
    });
    expect(await client.response(1)).toMatchObject({ success: true });
  });
});

test("[E4.4] a client that has seen newer data than there is is sent away, not back in time", async () => {
  const { url } = await serve();
  const client = await RawClient.open(url);
  const future = Buffer.alloc(8);
  future.writeBigUInt64LE(2n ** 62n);
  client.connect({ maxObservedTimestamp: future.toString("base64") });
  expect(await client.closed).toEqual({ code: 1011, reason: "InternalServerError" });
});

test("[E1.5] an idle client is sent a Ping", async () => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
  try {
    const { url } = await serve();
    const client = await RawClient.open(url);
    client.connect();
    client.subscribe([["messages:list", { channel: "a" }]]);
    await client.next(({ type }) => type === "Transition");
    vi.advanceTimersByTime(10_000);
    expect(client.received.some(({ type }) => type === "Ping")).toBe(false);
    vi.advanceTimersByTime(10_000);
    await client.next(({ type }) => type === "Ping");
  } finally {
    vi.useRealTimers();
  }
});

/** The texts of a page in a transition. */
function textsOf({ modifications }: Received, place = 0): string[] {
  const { page } = (modifications?.[place]?.value ?? { page: [] }) as { page: { text: string }[] };
  return page.map(({ text }) => text);
}
