import type { ToolSet } from "ai";
import { internal } from "../../_generated/api";
import type { ToolServices } from "../../tools/ownTool";
import { alreadyOpen, openTools, type NodeServices, type OpenedTools } from "../tools/openTools";
import { signInStore } from "../tools/mcp/signInStore";
import { isOwnTool } from "../tools/toolSettings";
import type { RunInput } from "../runs/runInput";
import type { GeneratorCtx } from "./generatorCtx";

/** Where the generator does not run in Node. A chat that needs it is left to one that does: `chatStream.needsNode`. */
const NO_NODE: NodeServices = {
  readPage: () => Promise.reject(new Error("Pages cannot be read here.")),
  openServers: () =>
    Promise.resolve({ tools: {}, unavailable: [], signedOut: [], close: () => Promise.resolve() }),
};

/** Opens the tools that a run's chat has; with `tools`, those in their place. Never rejects. */
export async function openRunTools(
  ctx: Pick<GeneratorCtx, "runQuery" | "runMutation">,
  input: Pick<RunInput, "tools" | "asker">,
  {
    runId,
    cite,
    tools,
    node = NO_NODE,
  }: Pick<ToolServices, "cite"> & { runId: string; tools?: ToolSet; node?: NodeServices },
): Promise<OpenedTools> {
  if (tools) return alreadyOpen(tools);
  const services: ToolServices = {
    searchChats: (text) => ctx.runQuery(internal.search.forRun, { runId, text }),
    readPage: node.readPage,
    cite,
  };
  const { chosen, toApprove } = input.tools;
  return await openTools({ chosen, toApprove: toApprove.filter(isOwnTool) }, services, () =>
    node.openServers(chosen, signInStore(ctx, input.asker.userId)),
  );
}
