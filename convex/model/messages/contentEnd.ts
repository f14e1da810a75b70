import type { Doc } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { byteSizeOf } from "../../shared/byteSize";
import { mergeParts } from "../../shared/parts";
import type { StoredPart } from "../validators";
import { readLogFromEnd } from "./log";

/** Bytes of a row or a message besides its content, at most: what is read of it, too. */
const ROW_BYTES = 1_000;

/**
 * A message's content, or the end of it when its log has more than `maxBytes`; and how many bytes were read for that, the message's own
 * included.
 */
export async function contentOf(
  ctx: QueryCtx,
  message: Doc<"chatMessages">,
  maxBytes: number,
): Promise<{ parts: StoredPart[]; bytesRead: number }> {
  const { _id, parts, inlinedChunks, chunkCount } = message;
  const ownBytes = ROW_BYTES + byteSizeOf(parts);
  if (chunkCount === inlinedChunks) return { parts, bytesRead: ownBytes };
  const pieces: StoredPart[][] = [];
  let bytes = 0;
  for await (const piece of readLogFromEnd(ctx, _id, inlinedChunks, chunkCount)) {
    bytes += ROW_BYTES + byteSizeOf(piece.parts);
    pieces.push(piece.parts);
    if (bytes >= maxBytes) break;
  }
  return { parts: mergeParts([...parts, ...pieces.reverse().flat()]), bytesRead: ownBytes + bytes };
}
