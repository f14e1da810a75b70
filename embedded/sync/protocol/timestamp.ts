import { invalidJson } from "./decode.ts";

/** Timestamps cross the wire as base64 of eight little-endian bytes, because JSON numbers would lose digits. */
export function encodeTimestamp(ts: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(ts);
  return bytes.toString("base64");
}

export function decodeTimestamp(text: string): bigint {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== 8) throw invalidJson("u64 must be 8 bytes");
  return bytes.readBigUInt64LE();
}
