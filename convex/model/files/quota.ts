import type { Id } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { formatBytes } from "../../shared/files";
import { limitOf, MAX_FILES } from "../limits/limits";

const MEBIBYTE = 1024 * 1024;

/**
 * What the files of one person take up. They are few enough to be added up whenever one comes, so that nothing is counted in a row that
 * could be wrong, or that anything else writes.
 */
export async function usage(ctx: QueryCtx, userId: Id<"users">): Promise<{ files: number; bytes: number }> {
  const files = await ctx.db
    .query("attachments")
    .withIndex("by_user_state_task", (q) => q.eq("userId", userId))
    .take(MAX_FILES);
  // Chats that were branched off have the same bytes.
  const sizes = new Map(files.map(({ storageId, size }) => [storageId, size]));
  return { files: files.length, bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0) };
}

/** Is there room for a file beside those that the person has, and those that are on their way? Errors: STORAGE_FULL. */
export async function requireStorage(
  ctx: QueryCtx,
  userId: Id<"users">,
  size: number,
  coming: readonly { size: number }[] = [],
): Promise<void> {
  const has = await usage(ctx, userId);
  const used = {
    files: has.files + coming.length,
    bytes: coming.reduce((sum, file) => sum + file.size, has.bytes),
  };
  const maxFiles = await limitOf(ctx, "filesPerPerson");
  const maxBytes = (await limitOf(ctx, "storagePerPerson")) * MEBIBYTE;
  if (used.files >= maxFiles) {
    throw failure(
      "STORAGE_FULL",
      `You have ${used.files} files, and may have ${maxFiles}. Please delete chats with files first.`,
      { used: `${used.files}`, limit: `${maxFiles}` },
    );
  }
  if (used.bytes + size > maxBytes) {
    const [usedText, limit] = [formatBytes(used.bytes), formatBytes(maxBytes)];
    throw failure(
      "STORAGE_FULL",
      `Your files take up ${usedText} of ${limit}. Please delete chats with files first.`,
      { used: usedText, limit },
    );
  }
}
