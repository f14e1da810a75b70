import { v } from "convex/values";
import { adminQuery, ownerMutation, viewerMutation, viewerQuery } from "./model/functions";
import { readToolSettings, setToolSetting, vAudience, vToolSetting } from "./model/tools/toolAudience";
import { offeredTools, setTools, vOfferedTool } from "./model/tools/toolChoice";

/** What a chat's person may let its models use: what the owner has switched on. */
export const offered = viewerQuery({
  args: {},
  returns: v.array(vOfferedTool),
  handler: (ctx) => offeredTools(ctx, ctx.userId),
});

/** The tools that this chat's next answers may use. What is not offered is left out. Errors: NOT_FOUND, INVALID_INPUT. */
export const set = viewerMutation({
  args: { taskId: v.id("tasks"), tools: v.array(v.string()) },
  returns: v.null(),
  handler: (ctx, args) => setTools(ctx, ctx.userId, args),
});

/** Every tool, and for whom it is switched on. Errors: NOT_ALLOWED. */
export const settings = adminQuery({
  args: {},
  returns: v.array(vToolSetting),
  handler: (ctx) => readToolSettings(ctx),
});

/**
 * Switches a tool on for some, or has it ask before each use. It counts from each chat's next answer on. Errors: NOT_FOUND; NOT_ALLOWED, also
 * for what the environment decides.
 */
export const setFor = ownerMutation({
  args: { id: v.string(), audience: v.optional(vAudience), needsApproval: v.optional(v.boolean()) },
  returns: v.null(),
  handler: (ctx, args) => setToolSetting(ctx, ctx.userId, args),
});
