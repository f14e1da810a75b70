/** An MCP server over streamable HTTP, by the official SDK's server side: with tools that answer, fail, hang, and change. */
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { z } from "zod";

export type TestMcpServer = {
  url: string;
  /** Each call of a tool, in order. */
  calls: { name: string; input: unknown }[];
  /** The `Authorization` header of each request. */
  authorizations: (string | undefined)[];
  /** Calls of `hang` whose caller has gone. */
  left: number;
  behaviour: {
    /** Answers no request at all. */
    hangs: boolean;
    /** Refuses a request with this header by 401. */
    accepts: (authorization: string | undefined) => boolean;
    /** `WWW-Authenticate` of the 401. */
    challenge: string | null;
    /** What a GET of this path answers with, as JSON. */
    metadata: Record<string, unknown>;
    /** Names of further tools. */
    more: string[];
  };
  close(): Promise<void>;
};

export async function startMcpServer(): Promise<TestMcpServer> {
  const server = http.createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const state: TestMcpServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    calls: [],
    authorizations: [],
    left: 0,
    behaviour: { hangs: false, accepts: () => true, challenge: null, metadata: {}, more: [] },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };

  async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const metadata = state.behaviour.metadata[request.url ?? ""];
    if (metadata !== undefined) {
      return void response.setHeader("Content-Type", "application/json").end(JSON.stringify(metadata));
    }
    if (request.method !== "POST") return void response.writeHead(405).end();
    const { authorization } = request.headers;
    state.authorizations.push(authorization);
    if (state.behaviour.hangs) return;
    if (!state.behaviour.accepts(authorization)) {
      const { challenge } = state.behaviour;
      return void response.writeHead(401, challenge === null ? {} : { "WWW-Authenticate": challenge }).end();
    }
    // One for each request: it keeps no session.
    const transport = new StreamableHTTPServerTransport({});
    await newServer(state, authorization).connect(transport);
    response.on("close", () => void transport.close());
    await transport.handleRequest(request, response);
  }
  return state;
}

function newServer(state: TestMcpServer, authorization: string | undefined): McpServer {
  const server = new McpServer({ name: "test", version: "1.0.0" });
  const text = (words: string) => ({ content: [{ type: "text" as const, text: words }] });
  server.registerTool(
    "order",
    { description: "Orders something", inputSchema: { what: z.string() } },
    ({ what }) => {
      state.calls.push({ name: "order", input: { what } });
      return text(`Ordered: ${what}`);
    },
  );
  server.registerTool(
    "look",
    { description: "Looks something up", inputSchema: {}, annotations: { readOnlyHint: true } },
    () => {
      state.calls.push({ name: "look", input: {} });
      return text("There is tea.");
    },
  );
  server.registerTool("fail", { inputSchema: {} }, () => ({ ...text("No tea left."), isError: true }));
  server.registerTool("echo", { inputSchema: {} }, () => text(`You sent ${authorization}`));
  server.registerTool("hang", { inputSchema: {} }, (_input, { signal }) => {
    state.calls.push({ name: "hang", input: {} });
    return new Promise(() => {
      signal.addEventListener("abort", () => {
        state.left += 1;
      });
    });
  });
  for (const name of state.behaviour.more) server.registerTool(name, { inputSchema: {} }, () => text(name));
  return server;
}
