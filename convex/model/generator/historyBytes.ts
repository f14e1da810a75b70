import type { ActionCtx } from "../../_generated/server";
import { filesIn } from "../runs/history";
import type { RunInput } from "../runs/runInput";

/** The bytes of files, by where they are stored. */
export type FileBytes = ReadonlyMap<string, Uint8Array>;

/**
 * Reads the files that the model is shown. The provider gets bytes, never an address: it may run where ours cannot be reached.
 * How much they are together is bounded by `historyFiles.ts`. A file that was deleted meanwhile is not in the result.
 */
export async function readHistoryBytes(
  ctx: { storage: Pick<ActionCtx["storage"], "get"> },
  history: RunInput["history"],
): Promise<FileBytes> {
  const bytes = new Map<string, Uint8Array>();
  for (const { storageId } of filesIn(history)) {
    if (storageId === null || bytes.has(storageId)) continue;
    const blob = await ctx.storage.get(storageId);
    if (blob) bytes.set(storageId, new Uint8Array(await blob.arrayBuffer()));
  }
  return bytes;
}
