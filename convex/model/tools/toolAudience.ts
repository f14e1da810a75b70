import { v, type Infer } from "convex/values";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { recordAudit } from "../accounts/audit";
import { findPerson, type Role } from "../accounts/people";
import { idOfServer, mcpServers } from "./mcp/mcpSettings";
import {
  alwaysNeedsApproval,
  approvalsOfEnvironment,
  isUsable,
  OWN_TOOL_NAMES,
  toolsOfEnvironment,
  type OwnToolName,
} from "./toolSettings";

/** For whom tools are switched on: by the environment where it says so, else by the owner's page. Own tools are off unless somebody switches them on. */

/** `admins`: the owner, too. `members`: everybody with an account. `everyone`: guests, too. */
export const vAudience = v.union(
  v.literal("nobody"),
  v.literal("admins"),
  v.literal("members"),
  v.literal("everyone"),
);
export type Audience = Infer<typeof vAudience>;

/** More than there are tools and servers. */
const MAX_ROWS = 100;

type Row = Doc<"toolSettings">;

/** What is set of one tool, or of all tools of a server. */
export const vToolSetting = v.object({
  /** As in `tools` of a chat. */
  id: v.string(),
  kind: v.union(v.literal("own"), v.literal("server")),
  name: v.string(),
  audience: vAudience,
  /** Its calls wait for a person's approval; of a server, some do. */
  needsApproval: v.boolean(),
  /** What the environment decides, so that it cannot be set here. */
  fixed: v.object({ audience: v.boolean(), needsApproval: v.boolean() }),
  /** Web search without a search engine. */
  isUsable: v.boolean(),
});
type ToolSetting = Infer<typeof vToolSetting>;

/** Every tool that there is, as it is set now. */
export async function readToolSettings(ctx: QueryCtx): Promise<ToolSetting[]> {
  const rows = new Map((await ctx.db.query("toolSettings").take(MAX_ROWS)).map((row) => [row.tool, row]));
  const switchedOn = toolsOfEnvironment();
  const toApprove = approvalsOfEnvironment();
  const own = OWN_TOOL_NAMES.map((name): ToolSetting => ({
    ...{ id: name, kind: "own", name },
    audience: audienceOf(name, switchedOn, rows.get(name)),
    needsApproval:
      alwaysNeedsApproval(name) || (toApprove?.includes(name) ?? rows.get(name)?.needsApproval === true),
    fixed: { audience: switchedOn !== null, needsApproval: toApprove !== null || alwaysNeedsApproval(name) },
    isUsable: isUsable(name),
  }));
  const servers = mcpServers().map((server): ToolSetting => {
    const id = idOfServer(server);
    return {
      ...{ id, kind: "server", name: server.name },
      // Whoever has set it up wants it used.
      audience: rows.get(id)?.audience ?? "everyone",
      needsApproval: server.approval !== "never",
      ...{ fixed: { audience: false, needsApproval: true }, isUsable: true },
    };
  });
  return [...own, ...servers];
}

function audienceOf(name: OwnToolName, switchedOn: OwnToolName[] | null, row: Row | undefined): Audience {
  if (switchedOn === null) return row?.audience ?? "nobody";
  return switchedOn.includes(name) ? "everyone" : "nobody";
}

/** What this person may choose. */
export async function toolsFor(ctx: QueryCtx, userId: Id<"users">): Promise<ToolSetting[]> {
  const settings = await readToolSettings(ctx);
  const role = (await findPerson(ctx, userId))?.role ?? "guest";
  return settings.filter((tool) => tool.isUsable && includes(tool.audience, role));
}

function includes(audience: Audience, role: Role | "guest"): boolean {
  switch (audience) {
    case "nobody":
      return false;
    case "admins":
      return role === "owner" || role === "admin";
    case "members":
      return role !== "guest";
    case "everyone":
      return true;
    default:
      return audience satisfies never;
  }
}

/** Sets for whom a tool is there, or whether it asks. Errors: NOT_FOUND; NOT_ALLOWED for what the environment decides. */
export async function setToolSetting(
  ctx: MutationCtx,
  ownerId: Id<"users">,
  args: { id: string; audience?: Audience; needsApproval?: boolean },
): Promise<null> {
  const tool = (await readToolSettings(ctx)).find(({ id }) => id === args.id);
  if (!tool) throw failure("NOT_FOUND", "There is no such tool.");
  const { audience = tool.audience, needsApproval = tool.needsApproval } = args;
  const changesFixed =
    (tool.fixed.audience && audience !== tool.audience) ||
    (tool.fixed.needsApproval && needsApproval !== tool.needsApproval);
  if (changesFixed) throw failure("NOT_ALLOWED", "This is set where the server is started.");
  const row = await ctx.db
    .query("toolSettings")
    .withIndex("by_tool", (q) => q.eq("tool", tool.id))
    .unique();
  const set = {
    ...(args.audience !== undefined && { audience }),
    ...(args.needsApproval !== undefined && { needsApproval }),
  };
  if (row) await ctx.db.patch("toolSettings", row._id, set);
  else await ctx.db.insert("toolSettings", { tool: tool.id, ...set });
  await recordAudit(ctx, { kind: "toolChanged", actorId: ownerId, detail: tool.id });
  return null;
}
