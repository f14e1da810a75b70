import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from "node:crypto";
import { bytesOf, CryptoFailure, type Algorithm, type Binary } from "./algorithms.ts";
import type { Family } from "./family.ts";

/** Bytes of a block, of an initial vector and of a counter. */
const BLOCK_BYTES = 16;
/** What AES-GCM appends, and its initial vector, in bytes: of no other length on Convex (`crates/isolate/src/ops/subtle_crypto/aes.rs`). */
const TAG_BYTES = 16;
const GCM_IV_BYTES = 12;
const KEY_BYTES = [16, 24, 32];
const KEY_SIZES = "AES keys have 128, 192 or 256 bits.";

const keysOf = (mode: "GCM" | "CBC" | "CTR"): Family => ({
  generateKey: (algorithm) => {
    const bytes = (algorithm.length ?? 0) / 8;
    if (!KEY_BYTES.includes(bytes)) throw new CryptoFailure("OperationError", KEY_SIZES);
    return createSecretKey(randomBytes(bytes));
  },
  checkKey: (key) => {
    if (!KEY_BYTES.includes(key.symmetricKeySize ?? 0)) throw new CryptoFailure("DataError", KEY_SIZES);
  },
  jwkName: (algorithm) => `A${algorithm.length ?? 0}${mode}`,
});

const bitsOf = (key: KeyObject): number => (key.symmetricKeySize ?? 0) * 8;

export const aesGcm: Family = {
  ...keysOf("GCM"),
  encrypt: (algorithm, key, data) => {
    const { cipherName, iv, authTagLength } = optionsOf(algorithm, key);
    const cipher = createCipheriv(cipherName, key, iv, { authTagLength });
    if (algorithm.additionalData !== undefined) cipher.setAAD(bytesOf(algorithm.additionalData));
    return Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()]);
  },
  decrypt: (algorithm, key, data) => {
    const { cipherName, iv, authTagLength } = optionsOf(algorithm, key);
    if (data.length < authTagLength)
      throw new CryptoFailure("OperationError", "The provided data is too small.");
    const decipher = createDecipheriv(cipherName, key, iv, { authTagLength });
    if (algorithm.additionalData !== undefined) decipher.setAAD(bytesOf(algorithm.additionalData));
    decipher.setAuthTag(data.subarray(data.length - authTagLength));
    return Buffer.concat([decipher.update(data.subarray(0, data.length - authTagLength)), decipher.final()]);
  },
};

export const aesCbc: Family = {
  ...keysOf("CBC"),
  encrypt: ({ iv }, key, data) => {
    const cipher = createCipheriv(`aes-${bitsOf(key)}-cbc`, key, blockOf(iv, "iv"));
    return Buffer.concat([cipher.update(data), cipher.final()]);
  },
  decrypt: ({ iv }, key, data) => {
    const decipher = createDecipheriv(`aes-${bitsOf(key)}-cbc`, key, blockOf(iv, "iv"));
    return Buffer.concat([decipher.update(data), decipher.final()]);
  },
};

/** The same in both directions. */
const count: NonNullable<Family["encrypt"]> = (algorithm, key, data) => {
  const { length = 0 } = algorithm;
  const counter = blockOf(algorithm.counter, "counter");
  if (length < 1 || length > 8 * BLOCK_BYTES) {
    throw new CryptoFailure("OperationError", "The counter's length must be from 1 to 128.");
  }
  // Only the counter's own bits go round, where Node's go on into the nonce.
  const value = BigInt(`0x${counter.toString("hex")}`);
  const round = 1n << BigInt(length);
  const blocksLeft = round - (value % round);
  if (BigInt(Math.ceil(data.length / BLOCK_BYTES)) > round) {
    throw new CryptoFailure("OperationError", "The data is too long for the counter.");
  }
  const bytesLeft = blocksLeft * BigInt(BLOCK_BYTES);
  const place = bytesLeft < BigInt(data.length) ? Number(bytesLeft) : data.length;
  const start = Buffer.from((value - (value % round)).toString(16).padStart(2 * BLOCK_BYTES, "0"), "hex");
  const run = (from: Buffer, part: Uint8Array) =>
    createCipheriv(`aes-${bitsOf(key)}-ctr`, key, from).update(part);
  return Buffer.concat([run(counter, data.subarray(0, place)), run(start, data.subarray(place))]);
};

export const aesCtr: Family = { ...keysOf("CTR"), encrypt: count, decrypt: count };

function blockOf(bytes: Binary | undefined, name: string): Buffer {
  const block = bytesOf(bytes);
  if (block.length === BLOCK_BYTES) return block;
  throw new CryptoFailure("OperationError", `algorithm.${name} must have ${BLOCK_BYTES} bytes.`);
}

function optionsOf({ iv: given, tagLength }: Algorithm, key: KeyObject) {
  if (tagLength !== undefined && tagLength !== 8 * TAG_BYTES) {
    throw new CryptoFailure("NotSupportedError", `tag length must be ${8 * TAG_BYTES} bits`);
  }
  const iv = bytesOf(given);
  if (iv.length !== GCM_IV_BYTES) {
    throw new CryptoFailure("NotSupportedError", `AES-GCM IV must be ${8 * GCM_IV_BYTES} bits`);
  }
  return { cipherName: `aes-${bitsOf(key)}-gcm` as "aes-256-gcm", iv, authTagLength: TAG_BYTES };
}
