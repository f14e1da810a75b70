import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { formatBytes } from "../../shared/files";
import { MAX_PROMPT_FILE_BYTES, MAX_PROMPT_FILES } from "../../shared/limits";
import { filesOf } from "../../shared/parts";
import { deleteAttachment, viewAttachment } from "./attachments";
import type { StoredPart } from "../validators";

/** Files of prompts: taken from the draft by a send, named in the parts of messages, kept by the queue and by an edit. */

type Attachment = Doc<"attachments">;

const fileIsGone = () =>
  failure("FILE_NOT_FOUND", "A file of this message is no longer there. Remove it, or attach it again.");

/**
 * The caller's drafts with these ids, for a prompt. Errors: FILE_NOT_FOUND, for a foreign, an unknown and a sent one alike
 * [G11]; TOO_MANY_FILES, FILE_TOO_LARGE.
 */
export async function requireDraftFiles(
  ctx: QueryCtx,
  userId: Id<"users">,
  ids: readonly Id<"attachments">[],
): Promise<Attachment[]> {
  if (ids.length > MAX_PROMPT_FILES) {
    throw failure(
      "TOO_MANY_FILES",
      `A message may have ${MAX_PROMPT_FILES} files; this one has ${ids.length}. Please remove some.`,
    );
  }
  const files = await Promise.all([...new Set(ids)].map((id) => ctx.db.get("attachments", id)));
  const own = files.filter((file) => file?.userId === userId && file.state === "draft") as Attachment[];
  if (own.length < files.length) throw fileIsGone();
  const size = own.reduce((sum, file) => sum + file.size, 0);
  if (size > MAX_PROMPT_FILE_BYTES) {
    throw failure(
      "FILE_TOO_LARGE",
      `The files of a message may have ${formatBytes(MAX_PROMPT_FILE_BYTES)} together; these have ${formatBytes(size)}. Please remove some.`,
    );
  }
  return own;
}

/** The files become those of a prompt in this chat. */
export async function markSent(
  ctx: MutationCtx,
  files: readonly Attachment[],
  taskId: Id<"tasks">,
): Promise<void> {
  for (const file of files) await ctx.db.patch("attachments", file._id, { state: "sent", taskId });
}

/** Those that still exist of files that a prompt has taken. */
export async function sentFiles(
  ctx: QueryCtx,
  ids: readonly Id<"attachments">[] = [],
): Promise<Attachment[]> {
  const files = await Promise.all(ids.map((id) => ctx.db.get("attachments", id)));
  return files.filter((file) => file !== null);
}

/**
 * Which of a prompt's files stay with its new wording; all when nothing is said. Errors: FILE_NOT_FOUND for one that the prompt
 * does not have.
 */
export function keptIds(
  before: readonly Id<"attachments">[],
  wanted: readonly Id<"attachments">[] | undefined,
): Id<"attachments">[] {
  if (wanted?.some((id) => !before.includes(id))) throw fileIsGone();
  return before.filter((id) => wanted?.includes(id) ?? true);
}

export const attachmentIdsOf = (message: Pick<Doc<"chatMessages">, "parts">): Id<"attachments">[] =>
  filesOf(message.parts).flatMap(({ attachmentId }) => attachmentId ?? []);

/** A prompt as it is stored: its words, if there are any, then its files. */
export function promptParts(content: string, files: readonly Attachment[]): StoredPart[] {
  const words: StoredPart[] = content.trim() === "" ? [] : [{ type: "text", position: 0, text: content }];
  return [
    ...words,
    ...files.map(({ _id, filename, mediaType, size }, index) => ({
      type: "file" as const,
      position: index + 1,
      ...{ attachmentId: _id, filename, mediaType, size },
    })),
  ];
}

/** The parts with the addresses of their files. An attachment whose bytes are gone has none. */
export async function withFileUrls(ctx: QueryCtx, parts: StoredPart[]): Promise<StoredPart[]> {
  if (!parts.some((part) => part.type === "file" && part.attachmentId !== undefined)) return parts;
  return await Promise.all(
    parts.map(async (part) => {
      if (part.type !== "file" || part.attachmentId === undefined) return part;
      const file = await ctx.db.get("attachments", part.attachmentId);
      const url = file && (await viewAttachment(ctx, file)).url;
      return url === null ? part : { ...part, url };
    }),
  );
}

/** Deletes files of a prompt that never became a message: nothing else names them. */
export async function deleteFiles(ctx: MutationCtx, ids: readonly Id<"attachments">[] = []): Promise<void> {
  for (const file of await sentFiles(ctx, ids)) await deleteAttachment(ctx, file);
}
