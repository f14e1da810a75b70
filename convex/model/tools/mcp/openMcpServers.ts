"use node";

import { createMCPClient } from "@ai-sdk/mcp";
import { jsonSchema, tool, type JSONSchema7, type ToolSet } from "ai";
import { cutText, wellFormed } from "../../../shared/text";
import { log } from "../../log";
import { withoutSecrets } from "../../secrets";
import type { McpServer } from "../../../shared/mcpConfig";
import { mcpServers, idOfServer } from "./mcpSettings";
import { mcpOutput } from "./mcpOutput";
import { oauthFetch } from "./oauthFetch";
import { PersonFetch, SignInNeeded } from "./personFetch";
import type { SignInStore } from "./signInStore";

/** How long a server may take to say which tools it has. All are asked at once, so that nobody waits longer for any number of them. */
const OPEN_LIMIT_MS = 5_000;

/** How long a server may take to hear that it is not needed any more. */
const CLOSE_LIMIT_MS = 1_000;

/** Tools of one server, and pages on which it lists them. */
const MAX_TOOLS = 64;
const MAX_PAGES = 10;

/** Characters of a tool's description. */
const MAX_DESCRIPTION_CHARS = 2_000;

/** Characters of a tool's name, as providers take it. */
const MAX_NAME_CHARS = 64;

export type OpenedServers = {
  tools: ToolSet;
  /** Servers that are not there. */
  unavailable: string[];
  /** Servers that the person must sign in to first. */
  signedOut: string[];
  close(): Promise<void>;
};

type Client = Awaited<ReturnType<typeof createMCPClient>>;

/**
 * Asks the chosen servers for their tools, as they are now. One that is broken or slow is left out and named in `unavailable`; the others are
 * not affected, and wait `limitMs` milliseconds for it at most. The tools' names begin with their server's, so that no server can stand in for another, or for Verbatim's own tools.
 * `signIns`: of the person whose chat it is.
 */
export async function openMcpServers(
  chosen: readonly string[],
  signIns: SignInStore,
  limitMs: number = OPEN_LIMIT_MS,
): Promise<OpenedServers> {
  const servers = mcpServers().filter((server) => chosen.includes(idOfServer(server)));
  const tried = await Promise.all(servers.map((server) => openServer(server, signIns, limitMs)));
  const opened = tried.filter((server) => server.kind === "open");
  const namesOf = (kind: Tried["kind"]) =>
    servers.filter((_, index) => tried[index]?.kind === kind).map(({ name }) => name);
  return {
    tools: Object.assign({}, ...opened.map((server) => server.tools)) as ToolSet,
    unavailable: namesOf("unavailable"),
    signedOut: namesOf("signedOut"),
    close: async () => {
      await Promise.all(opened.map((server) => server.close()));
    },
  };
}

type Tried =
  { kind: "open"; tools: ToolSet; close(): Promise<void> } | { kind: "unavailable" } | { kind: "signedOut" };

async function openServer(server: McpServer, signIns: SignInStore, limitMs: number): Promise<Tried> {
  const signal = AbortSignal.timeout(limitMs);
  const person = server.signIn ? new PersonFetch(server, signIns) : null;
  let client: Client | null = null;
  try {
    client = await createMCPClient({
      transport: {
        ...{ type: "http", url: server.url, redirect: "error" },
        ...(server.headers && { headers: server.headers }),
        ...(server.oauth && { fetch: oauthFetch(server.oauth) }),
        ...(person && { fetch: person.fetch }),
      },
      initializationOptions: { signal },
      clientName: "verbatim",
      onUncaughtError: () => undefined,
    });
    const tools = await toolsOf(server, client, signal);
    const opened = client;
    const close = () => closed(opened).finally(() => person?.close());
    return { kind: "open", tools, close };
  } catch (error) {
    if (client) await closed(client);
    person?.close();
    if (isSignInNeeded(error)) return { kind: "signedOut" };
    const words = withoutSecrets(error instanceof Error ? error.message : String(error));
    log(
      "TOOLS",
      `The MCP server ${server.name} is not available: ${signal.aborted ? "it took too long" : words}`,
    );
    return { kind: "unavailable" };
  }
}

/** The SDK may have wrapped it. */
function isSignInNeeded(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof SignInNeeded) return true;
  }
  return false;
}

/** Never rejects, and takes a second at most. */
async function closed(client: Client): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_LIMIT_MS);
  });
  await Promise.race([client.close().catch(() => undefined), limit]);
  clearTimeout(timer);
}

type Definition = Awaited<ReturnType<Client["listTools"]>>["tools"][number];

async function toolsOf(server: McpServer, client: Client, signal: AbortSignal): Promise<ToolSet> {
  const definitions: Definition[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES && definitions.length < MAX_TOOLS; page++) {
    const params = cursor === undefined ? {} : { params: { cursor } };
    const list = await client.listTools({ ...params, options: { signal } });
    definitions.push(...list.tools);
    cursor = list.nextCursor;
    if (cursor === undefined) break;
  }
  const tools: ToolSet = {};
  for (const definition of definitions.slice(0, MAX_TOOLS)) {
    if (server.tools && !server.tools.includes(definition.name)) continue;
    const name = toolName(server, definition);
    // Two that differ in nothing that a provider takes: the first one has the name.
    if (!Object.hasOwn(tools, name)) tools[name] = sdkTool(server, client, definition);
  }
  return tools;
}

/** Own tools' names have no "__", and server names no "_". */
const toolName = (server: McpServer, { name }: Definition): string =>
  `${server.name}__${name.replace(/[^A-Za-z0-9_-]/g, "_")}`.slice(0, MAX_NAME_CHARS);

function sdkTool(server: McpServer, client: Client, definition: Definition) {
  const { name, description = "", inputSchema } = definition;
  const [called] = Object.values(client.toolsFromDefinitions({ tools: [definition] }));
  return tool({
    description: wellFormed(cutText(description, MAX_DESCRIPTION_CHARS)),
    inputSchema: jsonSchema({ properties: {}, ...inputSchema } as JSONSchema7),
    needsApproval: needsApproval(server, definition),
    execute: async (input: unknown, options) => {
      if (called === undefined) throw new Error(`There is no tool ${name}.`);
      try {
        return mcpOutput(await called.execute(input, options));
      } catch (error) {
        // Its server may repeat what it was sent.
        throw new Error(withoutSecrets(error instanceof Error ? error.message : String(error)));
      }
    },
  });
}

function needsApproval({ approval }: McpServer, { annotations }: Definition): boolean {
  switch (approval) {
    case "always":
      return true;
    case "unlessReadOnly":
      return annotations?.readOnlyHint !== true;
    case "never":
      return false;
    default:
      return approval satisfies never;
  }
}
