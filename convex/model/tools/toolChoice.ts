import { v, type Infer } from "convex/values";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { requireTask } from "../chats/tasks";
import { signInState, signInsOf, vSignInState } from "./mcp/signIns";
import { toolsFor } from "./toolAudience";
import { isOwnTool, type OwnToolName } from "./toolSettings";

/** Which tools a chat has: what its person has chosen of what the owner has switched on. None by itself. */

/** What can be chosen: a tool of Verbatim's own, or all tools of a server. */
export const vOfferedTool = v.object({
  /** For `tools` of a chat. */
  id: v.string(),
  kind: v.union(v.literal("own"), v.literal("server")),
  name: v.string(),
  /** Its calls wait for a person's approval; of a server, some do. */
  needsApproval: v.boolean(),
  /** Of a server that each person signs in to. */
  signIn: v.union(vSignInState, v.null()),
});

/** What this person may choose now. */
export async function offeredTools(
  ctx: QueryCtx,
  userId: Id<"users">,
): Promise<Infer<typeof vOfferedTool>[]> {
  const tools = await toolsFor(ctx, userId);
  const signIns = await signInsOf(ctx, userId);
  return tools.map(({ id, kind, name, needsApproval }) => ({
    ...{ id, kind, name, needsApproval },
    signIn: kind === "server" ? signInState(name, signIns) : null,
  }));
}

/** Tools that one chat may name: more than there are. */
const MAX_CHOSEN = 64;

/** A choice as it is stored: what the person may have now, each once. Errors: INVALID_INPUT. */
export async function checkedChoice(
  ctx: QueryCtx,
  userId: Id<"users">,
  tools: readonly string[],
): Promise<string[]> {
  if (tools.length > MAX_CHOSEN) throw failure("INVALID_INPUT", `A chat has ${MAX_CHOSEN} tools at most.`);
  // Most chats have none: then nothing is read.
  if (tools.length === 0) return [];
  const offered = await toolsFor(ctx, userId);
  return offered.map(({ id }) => id).filter((id) => tools.includes(id));
}

/** Do any of these need what only a Node action can do: connections to checked addresses, and to servers of tools? */
export const needNode = (tools: readonly string[]): boolean =>
  tools.some((id) => id === "readPage" || !isOwnTool(id));

/** Those that the chat's next answers may use. Of what was switched off since it was chosen, none. */
export const toolsOf = (
  ctx: QueryCtx,
  { userId, tools = [] }: Pick<Doc<"tasks">, "userId" | "tools">,
): Promise<string[]> => checkedChoice(ctx, userId, tools);

/** The same for a run: with those of Verbatim's own whose calls a person must approve. */
export async function toolsOfRun(
  ctx: QueryCtx,
  { userId, tools = [] }: Pick<Doc<"tasks">, "userId" | "tools">,
): Promise<{ chosen: string[]; toApprove: OwnToolName[] }> {
  if (tools.length === 0) return { chosen: [], toApprove: [] };
  const chosen = (await toolsFor(ctx, userId)).filter(({ id }) => tools.includes(id));
  const toApprove = chosen.filter(({ needsApproval }) => needsApproval).map(({ id }) => id);
  return { chosen: chosen.map(({ id }) => id), toApprove: toApprove.filter(isOwnTool) };
}

export async function setTools(
  ctx: MutationCtx,
  userId: Id<"users">,
  args: { taskId: Id<"tasks">; tools: string[] },
): Promise<null> {
  const tools = await checkedChoice(ctx, userId, args.tools);
  const task = await requireTask(ctx, userId, args.taskId);
  await ctx.db.patch("tasks", task._id, { tools: tools.length > 0 ? tools : undefined });
  return null;
}
