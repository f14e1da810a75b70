import { internal } from "../../_generated/api";
import type { MutationCtx } from "../../_generated/server";
import { deleteAttachment, findByStorageId } from "./attachments";
import { log } from "../log";
import { DAY_MS, DELETE_BATCH, DRAFT_FILE_DAYS, LOOSE_UPLOAD_DAYS, STRAY_UPLOAD_MS } from "../settings";
import { ticketOf } from "./uploadTickets";

/** Removes files that nobody will send. All are called by crons, and come back at once while there is more. */

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
  await forgetTickets(ctx, before);
  if (removed > 0) log("FILES", `${removed} uploads were not attached in ${LOOSE_UPLOAD_DAYS} days`);
  if (uploads.length === BATCH) await ctx.scheduler.runAfter(0, internal.attachments.sweepUploads, {});
  return removed;
}

/** Tickets of uploads that were never attached. */
async function forgetTickets(ctx: MutationCtx, before: number): Promise<void> {
  const old = await ctx.db
    .query("uploadTickets")
    .withIndex("by_creation_time", (q) => q.lt("_creationTime", before))
    .take(DELETE_BATCH);
  for (const { _id } of old) await ctx.db.delete("uploadTickets", _id);
  if (old.length === DELETE_BATCH) await ctx.scheduler.runAfter(0, internal.attachments.sweepUploads, {});
}

/**
 * Uploads that may not be here: without a ticket, or larger than was announced. They cannot be attached, and are not kept for the day that
 * others have. Returns how many.
 */
export async function sweepStrayUploads(ctx: MutationCtx): Promise<number> {
  const before = Date.now() - STRAY_UPLOAD_MS;
  const sweep = await ctx.db.query("uploadSweeps").unique();
  const uploads = await ctx.db.system
    .query("_storage")
    .withIndex("by_creation_time", (q) =>
      q.gt("_creationTime", sweep?.strayTo ?? sweep?.sweptTo ?? 0).lt("_creationTime", before),
    )
    .take(BATCH);
  let removed = 0;
  for (const { _id, size, contentType } of uploads) {
    const ticket = await ticketOf(ctx, contentType);
    if ((ticket && size <= ticket.size) || (await findByStorageId(ctx, _id))) continue;
    await ctx.storage.delete(_id);
    removed += 1;
  }
  const strayTo = uploads.at(-1)?._creationTime;
  if (strayTo !== undefined && sweep) await ctx.db.patch("uploadSweeps", sweep._id, { strayTo });
  else if (strayTo !== undefined) await ctx.db.insert("uploadSweeps", { sweptTo: 0, strayTo });
  if (removed > 0) log("FILES", `${removed} uploads were nobody's, or larger than announced`);
  if (uploads.length === BATCH) await ctx.scheduler.runAfter(0, internal.attachments.sweepStrays, {});
  return removed;
}
