import { tool, type ToolSet } from "ai";
import type { OwnTool, ToolServices } from "../../tools/ownTool";
import { registry } from "../../tools/registry";
import type { SignInStore } from "./mcp/signInStore";
import { isOwnTool, type OwnToolName } from "./toolSettings";

/** The tools of one run, ready to be called. */
export type OpenedTools = {
  tools: ToolSet;
  /** Milliseconds that a call of this tool may take. */
  limitMs(toolName: string): number;
  /** Servers that are not there now. */
  unavailable: string[];
  /** Servers that the person must sign in to first. */
  signedOut: string[];
  /** Closes connections. Never rejects. */
  close(): Promise<void>;
};

/** Connects the chosen servers of tools for this person. Never rejects: one that is not there is named in `unavailable`, or in `signedOut`. */
export type OpenServers = (
  chosen: readonly string[],
  signIns: SignInStore,
) => Promise<Omit<OpenedTools, "limitMs">>;

/** What only a Node action has. */
export type NodeServices = Pick<ToolServices, "readPage"> & { openServers: OpenServers };

/** Of tools of servers, and of those that are open anyway. */
const LIMIT_MS = 60_000;

/** Tools that are open anyway. */
export const alreadyOpen = (tools: ToolSet): OpenedTools => ({
  tools,
  limitMs: () => LIMIT_MS,
  unavailable: [],
  signedOut: [],
  close: () => Promise.resolve(),
});

/** Opens what a chat's person has chosen, and the owner has switched on: see `toolsOfRun`. */
export async function openTools(
  { chosen, toApprove }: { chosen: readonly string[]; toApprove: readonly OwnToolName[] },
  services: ToolServices,
  openServers: () => ReturnType<OpenServers>,
): Promise<OpenedTools> {
  const own = chosen.filter(isOwnTool).map((name) => registry[name]);
  const servers = await openServers();
  return {
    // Own ones last: nothing takes their place.
    tools: {
      ...servers.tools,
      ...Object.fromEntries(
        own.map((definition) => {
          const needsApproval = toApprove.includes(definition.name);
          return [definition.name, sdkTool(definition, needsApproval, services)];
        }),
      ),
    },
    unavailable: servers.unavailable,
    signedOut: servers.signedOut,
    limitMs: (toolName) => (isOwnTool(toolName) ? registry[toolName].limitMs : LIMIT_MS),
    close: () => servers.close(),
  };
}

function sdkTool(definition: OwnTool, needsApproval: boolean, services: ToolServices) {
  const { description, inputSchema } = definition;
  return tool({
    description,
    inputSchema,
    needsApproval,
    execute: (input: unknown, { abortSignal = new AbortController().signal }) =>
      definition.execute(input, services, abortSignal),
  });
}
