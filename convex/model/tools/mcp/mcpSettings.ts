import { readMcpConfig, type McpServer } from "../../../shared/mcpConfig";
import { parseJson } from "../../../providers/wire/json";

/** As it was read last: each line of the log asks for the servers, whose headers no line may repeat. */
let read: { text: string; servers: McpServer[] } = { text: "", servers: [] };

/** The MCP servers of `VERBATIM_MCP_SERVERS`, without those that are not set up rightly: these are named in the log. */
export function mcpServers(): McpServer[] {
  const text = process.env["VERBATIM_MCP_SERVERS"]?.trim() ?? "";
  if (text === read.text) return read.servers;
  const { servers, faults } = readMcpConfig(parseJson(text));
  for (const { path, message } of text === "" ? [] : faults) {
    console.warn(`[SETTINGS] VERBATIM_MCP_SERVERS ${path.join(".")}: ${message}`);
  }
  read = { text, servers };
  return servers;
}

/** What a chat's choice calls all tools of a server. */
export const idOfServer = ({ name }: Pick<McpServer, "name">): string => `mcp:${name}`;

/** The server of this name, if people sign in to it one by one. */
export const findSignInServer = (name: string): McpServer | null =>
  mcpServers().find((server) => server.name === name && server.signIn !== undefined) ?? null;

/** All values of a server's settings that nobody may see. */
export const secretsOfServer = ({ headers = {}, oauth, signIn }: McpServer): string[] => [
  ...Object.values(headers),
  // "Bearer …": what comes after it as well.
  ...Object.values(headers).flatMap((value) => value.split(" ").slice(1)),
  ...[oauth?.clientSecret, oauth?.refreshToken, signIn?.clientSecret].filter((value) => value !== undefined),
];
