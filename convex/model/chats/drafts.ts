import type { Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { MAX_PROMPT_CHARS } from "../../shared/limits";
import { requireTask } from "./tasks";

async function find(ctx: QueryCtx, userId: Id<"users">, taskId: Id<"tasks"> | null) {
  return await ctx.db
    .query("drafts")
    .withIndex("by_user_task", (q) => q.eq("userId", userId).eq("taskId", taskId ?? undefined))
    .unique();
}

export async function getDraft(ctx: QueryCtx, userId: Id<"users">, taskId: Id<"tasks"> | null) {
  const draft = await find(ctx, userId, taskId);
  return draft && { text: draft.text, updatedAt: draft.updatedAt };
}

export async function saveDraft(
  ctx: MutationCtx,
  userId: Id<"users">,
  args: { taskId: Id<"tasks"> | null; text: string; instead?: string | undefined },
): Promise<null> {
  if (args.text.length > MAX_PROMPT_CHARS) {
    throw failure(
      "MESSAGE_TOO_LONG",
      `A draft may have ${MAX_PROMPT_CHARS.toLocaleString("en")} characters.`,
    );
  }
  if (args.taskId !== null) await requireTask(ctx, userId, args.taskId);
  const draft = await find(ctx, userId, args.taskId);
  const content = { text: args.text, updatedAt: Date.now() };
  if (args.text === "") {
    const isMeant = args.instead === undefined || args.instead === draft?.text;
    if (draft && isMeant) await ctx.db.delete("drafts", draft._id);
  } else if (draft) {
    await ctx.db.patch("drafts", draft._id, content);
  } else {
    await ctx.db.insert("drafts", {
      userId,
      ...(args.taskId !== null && { taskId: args.taskId }),
      ...content,
    });
  }
  return null;
}
