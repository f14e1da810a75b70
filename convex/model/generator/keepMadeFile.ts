import { internal } from "../../_generated/api";
import { describeError } from "../../providers/describeError";
import { fileKind, MAX_BYTES } from "../../shared/files";
import type { FilePart } from "../../shared/parts";
import { log } from "../log";
import type { GeneratorCtx } from "./generatorCtx";

/** A file as a part names it; without its attachment when it could not be kept. */
export type KeptFile = Pick<FilePart, "mediaType" | "filename" | "size" | "attachmentId">;

/**
 * Stores a picture that the model made. It belongs to the chat and its owner from then on. One that is too large, of another type, or
 * beyond what the owner may have, is told by its name alone: it fails no answer.
 */
export async function keepMadeFile(
  ctx: GeneratorCtx,
  runId: string,
  file: { mediaType: string; bytes: Uint8Array<ArrayBuffer>; filename: string },
): Promise<KeptFile> {
  const { mediaType, bytes, filename } = file;
  const size = bytes.byteLength;
  const told = { mediaType, filename, size };
  if (fileKind(mediaType) !== "image" || size > MAX_BYTES.image) {
    log("STREAMING", `A file that the model made is not kept (${mediaType}, ${size} bytes)`);
    return told;
  }
  try {
    const storageId = await ctx.storage.store(new Blob([bytes], { type: mediaType }));
    const made = { runId, storageId, filename, mediaType };
    const attachmentId = await ctx.runMutation(internal.generation.keepMadeFile, made);
    return attachmentId === null ? told : { ...told, attachmentId };
  } catch (error) {
    log("STREAMING", `A file that the model made could not be kept: ${describeError(error)}`);
    return told;
  }
}
