import { internal } from "../../_generated/api";
import type { MutationCtx } from "../../_generated/server";
import { deleteAttachment, findByStorageId } from "./attachments";
import { log } from "../log";
import { DAY_MS, DRAFT_FILE_DAYS, LOOSE_UPLOAD_DAYS } from "../settings";

/** Removes files that nobody will send. Both are called by crons, and come back at once while there is more. */

/** Files looked at in one mutation. */
const BATCH = 100;

/** Files that were attached to a draft long ago. */
export async function removeOldDraftFiles(ctx: MutationCtx): Promise<number> {
  const before = Date.now() - DRAFT_FILE_DAYS * DAY_MS;
  const old = await ctx.db
    .query("attachments")
    .withIndex("by_state", (q) => q.eq("state", "draft").lt("_creationTime", before))
    .take(BATCH);
  for (const file of old) await deleteAttachment(ctx, file);
  if (old.length > 0) log("FILES", `${old.length} files of drafts were not sent in ${DRAFT_FILE_DAYS} days`);
  if (old.length === BATCH) await ctx.scheduler.runAfter(0, internal.attachments.removeOldDrafts, {});
  return old.length;
}

/**
 * Uploads that were never attached: refused, or the page was closed between. Every stored file belongs to an attachment; each is
 * looked at once, in the order of their uploads, so that the cost is that of the new ones.
 */
export async function sweepLooseUploads(ctx: MutationCtx): Promise<number> {
  const before = Date.now() - LOOSE_UPLOAD_DAYS * DAY_MS;
  const sweep = await ctx.db.query("uploadSweeps").unique();
  const uploads = await ctx.db.system
    .query("_storage")
    .withIndex("by_creation_time", (q) =>
      q.gt("_creationTime", sweep?.sweptTo ?? 0).lt("_creationTime", before),
    )
    .take(BATCH);
  let removed = 0;
  for (const { _id } of uploads) {
    if (await findByStorageId(ctx, _id)) continue;
    await ctx.storage.delete(_id);
    removed += 1;
  }
  const last = uploads.at(-1);
  if (last && sweep) await ctx.db.patch("uploadSweeps", sweep._id, { sweptTo: last._creationTime });
  else if (last) await ctx.db.insert("uploadSweeps", { sweptTo: last._creationTime });
  if (removed > 0) log("FILES", `${removed} uploads were not attached in ${LOOSE_UPLOAD_DAYS} days`);
  if (uploads.length === BATCH) await ctx.scheduler.runAfter(0, internal.attachments.sweepUploads, {});
  return removed;
}
