import type { Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { log } from "../log";
import { findRun } from "../runs/generationLock";
import { requireStorage } from "./quota";

/**
 * A stored file that the model of a live run made becomes one of its chat: the owner's, counted as theirs, deleted with the chat. Null, and
 * the file is deleted, when the run has ended [G4] or the owner has no room for it.
 */
export async function keepMadeFileOf(
  ctx: MutationCtx,
  args: { runId: string; storageId: Id<"_storage">; filename: string; mediaType: string },
): Promise<Id<"attachments"> | null> {
  const { runId, storageId, filename, mediaType } = args;
  const file = await ctx.db.system.get("_storage", storageId);
  if (!file) return null;
  const run = await findRun(ctx, runId);
  if (run?.state.kind !== "claimed" || !(await hasRoom(ctx, run.userId, file.size))) {
    log("STREAMING", `A file that the model of run ${runId} made is not kept`);
    await ctx.storage.delete(storageId);
    return null;
  }
  const { userId, taskId } = run;
  const { size } = file;
  return await ctx.db.insert("attachments", {
    ...{ userId, taskId, state: "sent", storageId, filename, mediaType, size },
  });
}

async function hasRoom(ctx: MutationCtx, userId: Id<"users">, size: number): Promise<boolean> {
  try {
    await requireStorage(ctx, userId, size);
    return true;
  } catch {
    return false;
  }
}
