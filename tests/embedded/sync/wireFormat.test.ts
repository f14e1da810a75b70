/** The wire format is what unmodified clients speak (E1): a change here is a change of protocol. */
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import type { QueryOutcome } from "../../../embedded/functions/types.ts";
import { decodeClientMessage, encodeServerMessage } from "../../../embedded/sync/protocol/messages.ts";
import type { ServerMessage } from "../../../embedded/sync/protocol/messages.ts";
import {
  encodeQueryResult,
  encodeTransition,
  INITIAL_VERSION,
  splitTransition,
  supportsChunks,
} from "../../../embedded/sync/protocol/transition.ts";

/** The client's own parser. The package does not export it, and its sources are not made for our compiler settings. */
const { parseServerMessage } = (await import(
  pathToFileURL("node_modules/convex/dist/esm/browser/sync/protocol.js").href
)) as {
  parseServerMessage: (encoded: unknown) => { type: string; endVersion?: { ts: { toString(): string } } };
};

/** Of a failure. */
const REQUEST = "0123456789abcdef";
const SESSION = "0d2c2f5e-9e0e-4b1c-8a3e-3f3f4a5b6c7d";

describe("[E1.1] what the server sends", () => {
  const messages: Record<string, ServerMessage> = {
    "a mutation that succeeded": {
      type: "MutationResponse",
      requestId: 3,
      result: { ok: true, value: { $integer: "AQAAAAAAAAA=" } },
      ts: 1_700_000_000_000_000_001n,
      logLines: ["[LOG] 'hello'"],
    },
    "a mutation that threw": {
      type: "MutationResponse",
      requestId: 4,
      result: { ok: false, error: { requestId: REQUEST, message: "Uncaught Error: no" } },
      ts: null,
      logLines: [],
    },
    "a mutation that threw a ConvexError": {
      type: "MutationResponse",
      requestId: 5,
      result: {
        ok: false,
        error: { requestId: REQUEST, message: "Uncaught ConvexError: no", data: { code: "NO" } },
      },
      ts: null,
      logLines: [],
    },
    "an action that succeeded": {
      type: "ActionResponse",
      requestId: 6,
      result: { ok: true, value: null },
      logLines: [],
    },
    "an action that threw": {
      type: "ActionResponse",
      requestId: 7,
      result: { ok: false, error: { requestId: REQUEST, message: "no", data: "data" } },
      logLines: [],
    },
    "a refused token": { type: "AuthError", error: "no", baseVersion: 1, authUpdateAttempted: true },
    "a fatal error": { type: "FatalError", error: "Received Invalid JSON on websocket: x" },
    "a ping": { type: "Ping" },
  };

  for (const [title, message] of Object.entries(messages)) {
    test(title, () => {
      const text = encodeServerMessage(message);
      expect(text).toMatchSnapshot();
      expect(parseServerMessage(JSON.parse(text))).toMatchObject({ type: message.type });
    });
  }

  test("a transition", () => {
    const text = encodeTransition({
      startVersion: INITIAL_VERSION,
      endVersion: { querySet: 1, identity: 2, ts: 1_700_000_000_000_000_001n },
      modifications: [
        { type: "QueryResult", queryId: 0, text: encodeQueryResult(outcome({ ok: true, value: [1, "a"] })) },
        {
          type: "QueryResult",
          queryId: 1,
          text: encodeQueryResult(
            outcome({ ok: false, error: { requestId: REQUEST, message: "no", data: { code: 1 } } }, "cursor"),
          ),
        },
        { type: "QueryRemoved", queryId: 2 },
      ],
      clientClockSkew: -12,
      serverTs: 1_700_000_000_000_000_000n,
    });
    expect(text).toMatchSnapshot();
    const parsed = parseServerMessage(JSON.parse(text));
    expect(parsed.endVersion?.ts.toString()).toBe("1700000000000000001");
  });

  test("[E1.4] a large transition goes in chunks that give the whole again, whatever they cut through", () => {
    const text = JSON.stringify({ type: "Transition", value: "a😀".repeat(50) });
    const chunks = splitTransition(text, 16).map(
      (chunk) => JSON.parse(chunk) as { chunk: string; partNumber: number; totalParts: number },
    );
    expect(chunks.map(({ chunk }) => chunk).join("")).toBe(text);
    expect(chunks.map(({ partNumber }) => partNumber)).toEqual([...chunks.keys()]);
    expect(new Set(chunks.map(({ totalParts }) => totalParts))).toEqual(new Set([chunks.length]));
    expect(chunks.every(({ chunk }) => Buffer.from(chunk, "utf8").toString("utf8") === chunk)).toBe(true);
    expect(splitTransition(text)).toEqual([text]);
  });

  test("[E1.4] only clients that know chunks get them", () => {
    expect(["1.28.0", "1.48.0", "2.0.0", "1.28.1-alpha.0"].map(supportsChunks)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(["1.27.9", "0.40.0", "unknown", ""].map(supportsChunks)).toEqual([false, false, false, false]);
  });
});

describe("[E1.1] what clients send", () => {
  const messages: Record<string, unknown> = {
    connect: {
      type: "Connect",
      sessionId: SESSION,
      connectionCount: 0,
      lastCloseReason: "InitialConnect",
      maxObservedTimestamp: "AQAAAAAAAAA=",
      clientTs: 1_700_000_000_000,
    },
    "first connect": { type: "Connect", sessionId: SESSION, connectionCount: 0, lastCloseReason: null },
    "no token": { type: "Authenticate", tokenType: "None", baseVersion: 0 },
    token: { type: "Authenticate", tokenType: "User", value: "a.b.c", baseVersion: 1 },
    "query set": {
      type: "ModifyQuerySet",
      baseVersion: 0,
      newVersion: 1,
      modifications: [
        { type: "Add", queryId: 0, udfPath: "a:b", args: [{ x: 1 }] },
        { type: "Add", queryId: 1, udfPath: "a:b", args: [{}], journal: "cursor" },
        { type: "Remove", queryId: 0 },
      ],
    },
    mutation: { type: "Mutation", requestId: 0, udfPath: "a:b", args: [{ x: { $integer: "AQAAAAAAAAA=" } }] },
    action: { type: "Action", requestId: 1, udfPath: "a:b", args: [{}] },
    event: { type: "Event", eventType: "ClientConnect", event: [] },
  };

  for (const [title, message] of Object.entries(messages)) {
    test(title, () => expect(decodeClientMessage(JSON.stringify(message))).toMatchSnapshot());
  }

  const malformed: Record<string, unknown> = {
    "no type": {},
    "an unknown type": { type: "Nothing" },
    "a list": [],
    "a session id that is none": { type: "Connect", sessionId: "x", connectionCount: 0 },
    "a negative version": { type: "ModifyQuerySet", baseVersion: -1, newVersion: 0, modifications: [] },
    "a version that does not grow": {
      type: "ModifyQuerySet",
      baseVersion: 1,
      newVersion: 1,
      modifications: [],
    },
    "a modification that is none": {
      type: "ModifyQuerySet",
      baseVersion: 0,
      newVersion: 1,
      modifications: [1],
    },
    "a request id that is no integer": { type: "Mutation", requestId: 1.5, udfPath: "a:b", args: [] },
    "arguments that are no list": { type: "Mutation", requestId: 1, udfPath: "a:b", args: {} },
    "a short timestamp": {
      type: "Connect",
      sessionId: SESSION,
      connectionCount: 0,
      maxObservedTimestamp: "AQ==",
    },
    "an unknown token type": { type: "Authenticate", tokenType: "Key", value: "x", baseVersion: 0 },
  };

  for (const [title, message] of Object.entries(malformed)) {
    test(`malformed: ${title}`, () => {
      expect(() => decodeClientMessage(JSON.stringify(message))).toThrowErrorMatchingSnapshot();
    });
  }

  test("malformed: no JSON", () => {
    expect(() => decodeClientMessage("{")).toThrow("Received Invalid JSON on websocket: ");
  });
});

function outcome(result: QueryOutcome["result"], journal: string | null = null): QueryOutcome {
  return {
    result,
    logLines: [],
    journal,
    readIdentity: false,
    readTime: false,
    readSet: { overlaps: () => false },
  };
}
