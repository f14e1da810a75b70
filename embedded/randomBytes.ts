import { randomBytes, randomFillSync } from "node:crypto";

/** Bytes are drawn from the system in blocks: one call for each few of them costs more than a short function does. */
const BLOCK = Buffer.alloc(4096);
let offset = BLOCK.length;

/** Unguessable bytes, nobody else's. */
export function drawRandomBytes(length: number): Uint8Array {
  if (length > BLOCK.length) return randomBytes(length);
  if (offset + length > BLOCK.length) {
    randomFillSync(BLOCK);
    offset = 0;
  }
  const bytes = new Uint8Array(BLOCK.subarray(offset, offset + length));
  offset += length;
  return bytes;
}
