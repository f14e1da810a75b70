import type { FunctionReturnType } from "convex/server";
import type { api } from "../../convex/_generated/api";
import { localOf } from "./previews.ts";
import type { Upload } from "./uploads.ts";

export type Attachment = FunctionReturnType<typeof api.attachments.listDraft>[number];

/** A file of the prompt that is being written. */
export type DraftFile =
  | { readonly kind: "attached"; readonly key: string; readonly file: Attachment }
  | { readonly kind: "upload"; readonly key: string; readonly upload: Upload };

/**
 * The files of a draft: the server's, without those of prompts that are on their way from this browser, and the uploads of
 * this tab. A file keeps its key when its upload becomes the server's.
 */
export function draftFiles(
  attached: readonly Attachment[],
  uploads: readonly Upload[],
  outbox: readonly { readonly files: readonly Attachment[] }[],
): DraftFile[] {
  const held = new Set(outbox.flatMap((entry) => entry.files.map(({ _id }) => _id)));
  return [
    ...attached
      .filter(({ _id }) => !held.has(_id))
      .map((file) => ({ kind: "attached" as const, key: localOf(file._id)?.key ?? file._id, file })),
    ...uploads.map((upload) => ({ kind: "upload" as const, key: upload.id, upload })),
  ];
}

/** What stands between a draft's files and sending them: nothing, an upload that runs, or one that failed. */
export function readiness(files: readonly DraftFile[]): "ready" | "uploading" | "failed" {
  const states = files.flatMap((file) => (file.kind === "upload" ? file.upload.state.kind : []));
  if (states.includes("failed")) return "failed";
  return states.includes("uploading") ? "uploading" : "ready";
}

/** Bytes of a draft's file. */
export const sizeOfFile = (file: DraftFile): number =>
  file.kind === "attached" ? file.file.size : file.upload.file.size;
