/** Files for the suites: stored as an upload stores them, and attached to a draft. */
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import type { TestBackend } from "../helpers/backend.ts";
import type { Viewer } from "./support.ts";

export type NewFile = { name?: string; type?: string; content?: string; bytes?: number };

/** Stores bytes as a post to an upload URL of this person's does, with the ticket that came with it. */
export async function upload(t: TestBackend, viewer: Viewer, file: NewFile = {}): Promise<Id<"_storage">> {
  const { name = "notes.txt", type = "text/plain", content = "hello", bytes } = file;
  const size = bytes ?? new TextEncoder().encode(content).length;
  const { contentType } = await viewer.mutation(api.attachments.generateUploadUrl, {
    ...{ filename: name, mediaType: type, size },
  });
  return await store(t, { ...file, type: contentType });
}

/** Stores bytes whoever asked for it. */
export async function store(t: TestBackend, file: NewFile = {}): Promise<Id<"_storage">> {
  const { type = "text/plain", content = "hello", bytes } = file;
  const body = bytes === undefined ? content : new Uint8Array(bytes);
  return await t.run(async (ctx) => {
    const id = await ctx.storage.store(new Blob([body], { type }));
    // convex-test forgets the type; nothing but this may write the table.
    const stored = await ctx.db.system.get("_storage", id);
    if (stored && (stored.contentType ?? "") !== type)
      await ctx.db.patch(id as never, { contentType: type } as never);
    return id;
  });
}

/** A file in the draft of a chat, or of the new chat. */
export async function attach(
  t: TestBackend,
  viewer: Viewer,
  file: NewFile & { taskId?: Id<"tasks"> } = {},
): Promise<Id<"attachments">> {
  const storageId = await upload(t, viewer, file);
  const { taskId = null, name = "notes.txt" } = file;
  return await viewer.mutation(api.attachments.add, { taskId, storageId, filename: name });
}

/** How many rows and stored files there are. */
export function fileCounts(t: TestBackend): Promise<{ rows: number; stored: number }> {
  return t.run(async (ctx) => ({
    rows: (await ctx.db.query("attachments").collect()).length,
    stored: (await ctx.db.system.query("_storage").collect()).length,
  }));
}

export const draftNames = async (viewer: Viewer, taskId: Id<"tasks"> | null = null) =>
  (await viewer.query(api.attachments.listDraft, { taskId })).map(({ filename }) => filename);
