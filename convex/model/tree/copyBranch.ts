import type { WithoutSystemFields } from "convex/server";
import { v, type Infer, type ObjectType } from "convex/values";
import { internal } from "../../_generated/api";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { byteSizeOf } from "../../shared/byteSize";
import { mergeParts } from "../../shared/parts";
import { usage } from "../files/quota";
import { readLog } from "../messages/log";
import { indexMessage } from "../search/searchTexts";
import { limitOf } from "../limits/limits";
import type { StoredPart } from "../validators";

/**
 * Copies a branch of one chat into another, from its end towards its beginning, in batches that a transaction can hold. It follows
 * parents, which never change, so that what is done in the other chat meanwhile does not matter. Messages keep their sequences.
 */

const vRest = v.object({
  sourceId: v.id("chatMessages"),
  copyId: v.id("chatMessages"),
  /** The first row of its log that is not copied. */
  from: v.number(),
});

/** Where the copying is. */
export const vCopy = {
  /** The new chat. */
  taskId: v.id("tasks"),
  /** The message to copy next. */
  next: v.union(v.id("chatMessages"), v.null()),
  /** The copy that follows it. */
  below: v.union(v.id("chatMessages"), v.null()),
  /** A long answer of which a part is missing. */
  rest: v.union(vRest, v.null()),
};
type Copy = ObjectType<typeof vCopy>;
type Rest = Infer<typeof vRest>;

/** Messages and bytes that one mutation copies; with one more message and one more page it stays far below 16 MiB. */
const MAX_MESSAGES = 40;
const MAX_BYTES = 3 * 1024 * 1024;

/** Bytes of one row of a copied log. */
const PAGE_BYTES = 128 * 1024;

type Budget = { messages: number; bytes: number };

/** Copies the next batch, and comes back while there is more. Ends when one of the two chats is gone. */
export async function copyBatch(ctx: MutationCtx, copy: Copy): Promise<null> {
  const task = await ctx.db.get("tasks", copy.taskId);
  if (!task) return null;
  const { taskId } = copy;
  const budget = { messages: MAX_MESSAGES, bytes: MAX_BYTES };
  const files = await newFileCopies(ctx, task);
  let { next, below, rest } = copy;
  if (rest) rest = await copyLog(ctx, rest, files, budget);
  while (rest === null && next !== null && budget.messages > 0 && budget.bytes > 0) {
    const source: Doc<"chatMessages"> | null = await ctx.db.get("chatMessages", next);
    if (!source) return null;
    const copyId = await copyMessage(ctx, source, taskId, files);
    if (below !== null) await follow(ctx, below, copyId);
    budget.messages -= 1;
    budget.bytes -= byteSizeOf(source.parts);
    rest = await copyLog(ctx, { sourceId: source._id, copyId, from: source.inlinedChunks }, files, budget);
    below = copyId;
    next = source.parentMessageId ?? null;
  }
  if (rest !== null || next !== null) {
    await ctx.scheduler.runAfter(0, internal.messages.copyBranch, { taskId, next, below, rest });
  }
  return null;
}

/** A message as the new chat has it: the only one in its place. */
async function copyMessage(
  ctx: MutationCtx,
  source: Doc<"chatMessages">,
  taskId: Id<"tasks">,
  files: FileCopies,
): Promise<Id<"chatMessages">> {
  const copyId = await ctx.db.insert("chatMessages", {
    ...contentOfItsOwn(source),
    ...{ taskId, variant: 0, variantCount: 1, onPath: true },
    parts: await files(source.parts),
  });
  const stored = await ctx.db.get("chatMessages", copyId);
  if (stored && stored.chunkCount === stored.inlinedChunks) await indexMessage(ctx, stored);
  return copyId;
}

/** Without what belongs to the request and the run that made it, and to its place in the other chat. */
function contentOfItsOwn(message: Doc<"chatMessages">) {
  const own: WithoutSystemFields<Doc<"chatMessages">> & Partial<Doc<"chatMessages">> = { ...message };
  delete own._id;
  delete own._creationTime;
  delete own.clientMessageId;
  delete own.runId;
  delete own.parentMessageId;
  delete own.promptMessageId;
  delete own.comparison;
  delete own.compared;
  return own;
}

async function follow(
  ctx: MutationCtx,
  messageId: Id<"chatMessages">,
  parentMessageId: Id<"chatMessages">,
): Promise<void> {
  const message = await ctx.db.get("chatMessages", messageId);
  if (!message) return;
  await ctx.db.patch("chatMessages", messageId, {
    parentMessageId,
    ...(message.role === "ASSISTANT" && { promptMessageId: parentMessageId }),
  });
}

/** Copies what follows in an answer's log, as far as there is room. Returns what is left. */
async function copyLog(
  ctx: MutationCtx,
  { sourceId, copyId, from }: Rest,
  files: FileCopies,
  budget: Budget,
): Promise<Rest | null> {
  const source = await ctx.db.get("chatMessages", sourceId);
  const copied = await ctx.db.get("chatMessages", copyId);
  if (!source || !copied || from >= copied.chunkCount) return null;
  let held: StoredPart[] = [];
  let heldBytes = 0;
  let heldFrom = from;
  let done = from;
  const write = async () => {
    const parts = await files(mergeParts(held));
    const { userId } = copied;
    await ctx.db.insert("streamingPages", { messageId: copyId, userId, from: heldFrom, to: done, parts });
    [held, heldBytes, heldFrom] = [[], 0, done];
  };
  for await (const piece of readLog(ctx, sourceId, from, copied.chunkCount)) {
    const bytes = byteSizeOf(piece.parts);
    if (held.length > 0 && heldBytes + bytes > PAGE_BYTES) await write();
    held.push(...piece.parts);
    heldBytes += bytes;
    done = piece.to;
    budget.bytes -= bytes;
    if (budget.bytes <= 0) break;
  }
  if (done > heldFrom) await write();
  if (done < copied.chunkCount && done > from) return { sourceId, copyId, from: done };
  await indexMessage(ctx, copied);
  return null;
}

/** Parts whose files are the new chat's. */
type FileCopies = (parts: StoredPart[]) => Promise<StoredPart[]>;

/** Rows of their own for the same bytes. A person who may have no more files sees the name of one only. */
async function newFileCopies(ctx: MutationCtx, { _id: taskId, userId }: Doc<"tasks">): Promise<FileCopies> {
  const copies = new Map<Id<"attachments">, Id<"attachments">>();
  let left: number | null = null;
  const copyOf = async (id: Id<"attachments">): Promise<Id<"attachments"> | undefined> => {
    const known = copies.get(id);
    if (known) return known;
    const file = await ctx.db.get("attachments", id);
    left ??= (await limitOf(ctx, "filesPerPerson")) - (await usage(ctx, userId)).files;
    if (!file || left <= 0) return undefined;
    left -= 1;
    const { storageId, filename, mediaType, size } = file;
    const copyId = await ctx.db.insert("attachments", {
      ...{ userId, taskId, state: "sent", storageId, filename, mediaType, size },
    });
    copies.set(id, copyId);
    return copyId;
  };
  return async (parts) => {
    const copied: StoredPart[] = [];
    for (const part of parts) {
      if (part.type !== "file" || part.attachmentId === undefined) copied.push(part);
      else {
        const { attachmentId: original, ...rest } = part;
        const attachmentId = await copyOf(original);
        copied.push({ ...rest, ...(attachmentId !== undefined && { attachmentId }) });
      }
    }
    return copied;
  };
}
