/** Storing a file: first the bytes, then, in one transaction, what says whose they are. */
import { EngineClosedError } from "../engine/types.ts";
import type { ComponentPath, Transaction } from "../database/types.ts";
import { UserError } from "../functions/types.ts";
import type { FileStore } from "./fileStore.ts";
import { insertFile } from "./syscalls.ts";

export type Transact = <T>(work: (tx: Transaction) => T) => Promise<T>;

export type NewFile = {
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  contentType: string | null;
  /** What the digest must be, in base64 or hexadecimal, or `null` if nobody said. */
  sha256: string | null;
};

/** Bytes of one file that an action stores, unless told otherwise. Convex has no limit; here one file must not fill the disk. */
const MAX_FILE_BYTES = 1024 * 1024 * 1024;

/**
 * Returns the file's id when bytes and document are durable. `owner` says, in the transaction that makes the document,
 * whose it is, or throws.
 */
export async function storeFile(
  store: FileStore,
  transact: Transact,
  file: NewFile,
  owner: (tx: Transaction) => ComponentPath,
  maxBytes = MAX_FILE_BYTES,
): Promise<string> {
  const written = await store.write(file.body, maxBytes);
  try {
    checkDigest(written.sha256, file.sha256);
    return await transact((tx) => insertFile(tx, owner(tx), { ...written, contentType: file.contentType }));
  } catch (error) {
    // After a write that failed nobody knows whether the document is there: the next start does, and sweeps.
    if (!(error instanceof EngineClosedError)) await store.delete(written.uuid);
    throw error;
  }
}

function checkDigest(actual: string, expected: string | null): void {
  if (expected === null || expected === actual) return;
  if (expected.toLowerCase() === Buffer.from(actual, "base64").toString("hex")) return;
  throw new UserError(`Sha256 mismatch. Expected: ${expected} Actual: ${actual}`, "Sha256Mismatch");
}
