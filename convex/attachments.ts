import { v } from "convex/values";
import { internalMutation } from "./_generated/server";
import { addAttachment, listDraftFiles, newUpload, removeDraftFile } from "./model/files/attachments";
import { removeOldDraftFiles, sweepLooseUploads, sweepStrayUploads } from "./model/files/fileExpiry";
import { viewerMutation, viewerQuery } from "./model/functions";
import { vAttachment } from "./model/validators";

const vTaskOrNew = v.union(v.id("tasks"), v.null());

/**
 * An address to which one file may be posted, and the `Content-Type` to send with it, which says whose it is. `size` is in bytes.
 * Errors: RATE_LIMITED, INVALID_INPUT, FILE_TYPE, FILE_TOO_LARGE, STORAGE_FULL.
 */
export const generateUploadUrl = viewerMutation({
  args: { filename: v.string(), mediaType: v.string(), size: v.number() },
  returns: v.object({ url: v.string(), contentType: v.string() }),
  handler: (ctx, args) => newUpload(ctx, ctx.userId, args),
});

/**
 * Attaches a file that was uploaded to the draft of a chat (null: of the chat that does not exist yet). Once for each upload: a
 * repetition returns the same id. Errors: NOT_FOUND (the chat), FILE_NOT_FOUND, FILE_TYPE, FILE_TOO_LARGE, TOO_MANY_FILES,
 * STORAGE_FULL.
 */
export const add = viewerMutation({
  args: { taskId: vTaskOrNew, storageId: v.id("_storage"), filename: v.string() },
  returns: v.id("attachments"),
  handler: (ctx, args) => addAttachment(ctx, ctx.userId, args),
});

/** The files of a draft, in the order in which they were attached. `messages.send` takes them by their ids. */
export const listDraft = viewerQuery({
  args: { taskId: vTaskOrNew },
  returns: v.array(vAttachment),
  handler: (ctx, args) => listDraftFiles(ctx, ctx.userId, args.taskId),
});

/** Takes a file off its draft and deletes it. One that was sent meanwhile, or is gone, is left alone. */
export const remove = viewerMutation({
  args: { attachmentId: v.id("attachments") },
  returns: v.null(),
  handler: (ctx, args) => removeDraftFile(ctx, ctx.userId, args.attachmentId),
});

/** Deletes files that were attached long ago and never sent; called by a cron. Returns how many. */
export const removeOldDrafts = internalMutation({
  args: {},
  returns: v.number(),
  handler: (ctx) => removeOldDraftFiles(ctx),
});

/** Deletes uploads that were never attached; called by a cron. Returns how many. */
export const sweepUploads = internalMutation({
  args: {},
  returns: v.number(),
  handler: (ctx) => sweepLooseUploads(ctx),
});

/** Deletes uploads that cannot be attached, as they are nobody's or larger than announced; called by a cron. Returns how many. */
export const sweepStrays = internalMutation({
  args: {},
  returns: v.number(),
  handler: (ctx) => sweepStrayUploads(ctx),
});
