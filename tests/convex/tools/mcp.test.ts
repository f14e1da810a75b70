// @vitest-environment node
/** Tools of MCP servers, asked over real connections: how they are listed and called, and what a bad server can do to the others. */
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api } from "../../../convex/_generated/api";
import type { Id } from "../../../convex/_generated/dataModel";
import { openMcpServers } from "../../../convex/model/tools/mcp/openMcpServers";
import { mcpOutput } from "../../../convex/model/tools/mcp/mcpOutput";
import { mcpServers } from "../../../convex/model/tools/mcp/mcpSettings";
import type { SignInStore } from "../../../convex/model/tools/mcp/signInStore";
import { withoutSecrets } from "../../../convex/model/secrets";
import { startMcpServer, type TestMcpServer } from "../../helpers/mcpServer.ts";
import { newChat } from "../support.ts";

let server: TestMcpServer;
beforeEach(async () => {
  vi.spyOn(console, "info").mockImplementation(() => undefined);
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  server = await startMcpServer();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await server.close();
});

/** How long a server may take that answers, and where one never does. */
const LIMIT_MS = 20_000;
const SILENCE_LIMIT_MS = 3_000;

const connect = (servers: Record<string, unknown>) =>
  vi.stubEnv("VERBATIM_MCP_SERVERS", JSON.stringify(servers));

type Opened = Awaited<ReturnType<typeof openMcpServers>>;

/** Of a person who has signed in nowhere. */
const NO_SIGN_INS: SignInStore = {
  userId: "nobody" as Id<"users">,
  read: () => Promise.resolve(null),
  renew: () => Promise.resolve({ kind: "ended" }),
  endRenewal: () => Promise.resolve(null),
};

const open = (names: readonly string[], limitMs = LIMIT_MS) =>
  openMcpServers(
    names.map((name) => `mcp:${name}`),
    NO_SIGN_INS,
    limitMs,
  );

/** What anybody is offered. */
async function offered() {
  const { viewer } = await newChat();
  return await viewer.query(api.toolChoice.offered, {});
}

function call(
  opened: Opened,
  name: string,
  input: unknown = {},
  abortSignal?: AbortSignal,
): Promise<unknown> {
  const execute = opened.tools[name]?.execute;
  if (!execute) throw new Error(`There is no tool ${name}`);
  return Promise.resolve(
    execute(input, { toolCallId: "1", messages: [], ...(abortSignal && { abortSignal }) }),
  );
}

describe("the tools of a server", () => {
  test("have its name before their own, and need approval unless the owner says otherwise", async () => {
    const { url } = server;
    connect({
      shop: { url },
      trusted: { url, approval: "never" },
      believed: { url, approval: "unlessReadOnly", tools: ["order", "look"] },
    });
    const opened = await open(["shop", "trusted", "believed"]);
    expect(opened.unavailable).toEqual([]);
    const names = Object.keys(opened.tools);
    expect(names).toHaveLength(12);
    expect(names).toEqual(expect.arrayContaining(["shop__order", "trusted__order", "believed__look"]));
    const needs = (name: string) => opened.tools[name]?.needsApproval;
    expect([
      needs("shop__look"),
      needs("trusted__order"),
      needs("believed__order"),
      needs("believed__look"),
    ]).toEqual([...[true, false, true, false]]);
    await opened.close();
  });

  test("are only those that the chat has chosen", async () => {
    connect({ shop: { url: server.url }, other: { url: server.url } });
    expect((await offered()).map(({ id }) => id)).toEqual(["mcp:shop", "mcp:other"]);
    const opened = await open(["shop", "no-such-server"]);
    expect(Object.keys(opened.tools).every((name) => name.startsWith("shop__"))).toBe(true);
    expect((await open([])).tools).toEqual({});
    await opened.close();
  });

  test("are called: a result, a failure in the server's words, a tool that is not there any more", async () => {
    server.behaviour.more = ["soon_gone"];
    connect({ shop: { url: server.url } });
    const opened = await open(["shop"]);
    expect(await call(opened, "shop__order", { what: "tea" })).toBe("Ordered: tea");
    expect(server.calls).toEqual([{ name: "order", input: { what: "tea" } }]);
    await expect(call(opened, "shop__fail")).rejects.toThrow("No tea left.");
    await expect(call(opened, "shop__order", { what: 7 })).rejects.toThrow(/invalid/i);
    server.behaviour.more = [];
    await expect(call(opened, "shop__soon_gone")).rejects.toThrow("soon_gone");
    await opened.close();
  });

  test("are as they are now: a server that changes them is asked anew by the next run", async () => {
    connect({ shop: { url: server.url } });
    const before = await open(["shop"]);
    server.behaviour.more = ["brand.new"];
    const after = await open(["shop"]);
    expect(Object.keys(before.tools)).not.toContain("shop__brand_new");
    expect(Object.keys(after.tools)).toContain("shop__brand_new");
    expect(await call(after, "shop__brand_new")).toBe("brand.new");
    await Promise.all([before.close(), after.close()]);
  });

  test("a call that hangs can be cancelled, and its server learns of it", async () => {
    connect({ shop: { url: server.url } });
    const opened = await open(["shop"]);
    const abort = new AbortController();
    const calling = call(opened, "shop__hang", {}, abort.signal);
    calling.catch(() => undefined);
    await expect.poll(() => server.calls).toEqual([{ name: "hang", input: {} }]);
    abort.abort();
    await expect(calling).rejects.toThrow();
    await opened.close();
  });
});

describe("a bad server", () => {
  test("one that hangs, one that is not there, and one that speaks another language hide none of the others", async () => {
    const silent = await startMcpServer();
    silent.behaviour.hangs = true;
    const gone = await startMcpServer();
    await gone.close();
    const foreign = http.createServer((_request, response) => response.end("<h1>Hello</h1>"));
    foreign.listen(0, "127.0.0.1");
    await once(foreign, "listening");
    const foreignUrl = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}/`;
    connect({
      silent: { url: silent.url },
      gone: { url: gone.url },
      foreign: { url: foreignUrl },
      shop: { url: server.url },
    });
    const opened = await open(["silent", "gone", "foreign", "shop"], SILENCE_LIMIT_MS);
    expect(opened.unavailable).toEqual(["silent", "gone", "foreign"]);
    expect(await call(opened, "shop__order", { what: "tea" })).toBe("Ordered: tea");
    await opened.close();
    await silent.close();
    foreign.closeAllConnections();
    foreign.close();
  });

  test("a redirect is not followed: what is sent with a request goes to no other host", async () => {
    const elsewhere = http.createServer((_request, response) =>
      response.writeHead(307, { location: server.url }).end(),
    );
    elsewhere.listen(0, "127.0.0.1");
    await once(elsewhere, "listening");
    connect({
      shop: {
        url: `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`,
        headers: { "X-Key": "k" },
      },
    });
    expect((await open(["shop"])).unavailable).toEqual(["shop"]);
    expect(server.authorizations).toEqual([]);
    elsewhere.closeAllConnections();
    elsewhere.close();
  });

  test("settings that are wrong leave their server out, and name no value", () => {
    connect({
      ...{
        "good-1": { url: "https://a.test/mcp" },
        bad_name: { url: "https://a.test" },
        local: { command: "rm" },
      },
      ...{ file: { url: "file:///etc/passwd" }, headers: { url: "https://a.test", headers: { key: 5 } } },
    });
    expect(mcpServers().map(({ name }) => name)).toEqual(["good-1"]);
    vi.stubEnv("VERBATIM_MCP_SERVERS", "{not json");
    expect(mcpServers()).toEqual([]);
  });
});

describe("keys", () => {
  test("headers are sent, and shown to nobody, whoever repeats them", async () => {
    const secret = "s3cret-token-of-the-shop";
    connect({ shop: { url: server.url, headers: { Authorization: `Bearer ${secret}` } } });
    const opened = await open(["shop"]);
    const output = await call(opened, "shop__echo");
    expect(server.authorizations.at(-1)).toBe(`Bearer ${secret}`);
    expect(output).toContain("You sent");
    expect(output).not.toContain(secret);
    expect(withoutSecrets(`It said ${secret}.`)).toBe("It said [hidden].");
    expect(JSON.stringify(await offered())).not.toContain(secret);
    await opened.close();
  });

  /** A server of tokens, each of which is good until the next one is given. */
  async function tokenServer() {
    const asked: URLSearchParams[] = [];
    const tokens = http.createServer((request, response) => {
      let body = "";
      request.on("data", (piece: Buffer) => {
        body += piece.toString();
      });
      request.on("end", () => {
        asked.push(new URLSearchParams(body));
        const token = {
          access_token: `token-${asked.length}`,
          expires_in: 3600,
          refresh_token: `refresh-${asked.length}`,
        };
        response.setHeader("content-type", "application/json").end(JSON.stringify(token));
      });
    });
    tokens.listen(0, "127.0.0.1");
    await once(tokens, "listening");
    const tokenUrl = `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`;
    return { asked, tokenUrl, close: () => tokens.close() };
  }

  test("OAuth: a token by client credentials; one that runs out in the middle is asked for anew", async () => {
    const { asked, tokenUrl, close } = await tokenServer();
    server.behaviour.accepts = (authorization) => authorization === `Bearer token-${asked.length}`;
    const oauth = { tokenUrl, clientId: "verbatim", clientSecret: "client-secret", scope: "tools" };
    connect({ shop: { url: server.url, oauth } });
    const opened = await open(["shop"]);
    expect(asked).toHaveLength(1);
    expect(Object.fromEntries(asked[0]!)).toMatchObject({
      grant_type: "client_credentials",
      client_id: "verbatim",
      scope: "tools",
    });
    server.behaviour.accepts = (authorization) => authorization === "Bearer token-2";
    expect(await call(opened, "shop__order", { what: "tea" })).toBe("Ordered: tea");
    expect(asked).toHaveLength(2);
    await opened.close();
    close();
  });

  test("OAuth: by a refresh token, and the one that comes with the next token", async () => {
    const { asked, tokenUrl, close } = await tokenServer();
    server.behaviour.accepts = (authorization) => authorization === `Bearer token-${asked.length}`;
    connect({
      shop: { url: server.url, oauth: { tokenUrl, clientId: "verbatim", refreshToken: "refresh-0" } },
    });
    const opened = await open(["shop"]);
    server.behaviour.accepts = (authorization) => authorization === "Bearer token-2";
    await call(opened, "shop__look");
    expect(asked.map((body) => body.get("refresh_token"))).toEqual(["refresh-0", "refresh-1"]);
    await opened.close();
    close();
  });

  test("OAuth: where there is no token, the server is not available", async () => {
    const { tokenUrl, close } = await tokenServer();
    server.behaviour.accepts = () => false;
    connect({ shop: { url: server.url, oauth: { tokenUrl, clientId: "verbatim" } } });
    expect((await open(["shop"])).unavailable).toEqual(["shop"]);
    close();
  });
});

test("what a tool gives is text: pictures are named, structured content is JSON", () => {
  const picture = { type: "image", data: "AAAA", mimeType: "image/png" };
  expect(mcpOutput({ content: [{ type: "text", text: "Here:" }, picture] })).toBe(
    "Here:\n\n[image, image/png: not shown here]",
  );
  expect(mcpOutput({ content: [], structuredContent: { a: 1 } })).toBe('{"a":1}');
  expect(mcpOutput({ content: [{ type: "resource", resource: { uri: "x:y", text: "words" } }] })).toBe(
    "words",
  );
  expect(mcpOutput({})).toBe("");
  expect(() => mcpOutput({ isError: true })).toThrow("The tool failed.");
});
