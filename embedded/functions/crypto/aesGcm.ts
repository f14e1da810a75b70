import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from "node:crypto";
import { bytesOf, CryptoFailure, type Algorithm } from "./algorithms.ts";
import type { Family } from "./family.ts";

/** Bytes that AES-GCM appends unless `tagLength` says otherwise. */
const DEFAULT_TAG_BYTES = 16;
const KEY_BYTES = [16, 24, 32];
const KEY_SIZES = "AES keys have 128, 192 or 256 bits.";

export const aesGcm: Family = {
  generateKey: (algorithm) => {
    const bytes = (algorithm.length ?? 0) / 8;
    if (!KEY_BYTES.includes(bytes)) throw new CryptoFailure("OperationError", KEY_SIZES);
    return createSecretKey(randomBytes(bytes));
  },
  checkKey: (key) => {
    if (!KEY_BYTES.includes(key.symmetricKeySize ?? 0)) throw new CryptoFailure("DataError", KEY_SIZES);
  },
  jwkName: (algorithm) => `A${algorithm.length ?? 0}GCM`,
  encrypt: (algorithm, key, data) => {
    const { cipherName, iv, authTagLength } = optionsOf(algorithm, key);
    const cipher = createCipheriv(cipherName, key, iv, { authTagLength });
    if (algorithm.additionalData !== undefined) cipher.setAAD(bytesOf(algorithm.additionalData));
    return Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()]);
  },
  decrypt: (algorithm, key, data) => {
    const { cipherName, iv, authTagLength } = optionsOf(algorithm, key);
    if (data.length < authTagLength) throw new CryptoFailure("OperationError", "The data is too short.");
    const decipher = createDecipheriv(cipherName, key, iv, { authTagLength });
    if (algorithm.additionalData !== undefined) decipher.setAAD(bytesOf(algorithm.additionalData));
    decipher.setAuthTag(data.subarray(data.length - authTagLength));
    return Buffer.concat([decipher.update(data.subarray(0, data.length - authTagLength)), decipher.final()]);
  },
};

function optionsOf(algorithm: Algorithm, key: KeyObject) {
  const bits = (key.symmetricKeySize ?? 0) * 8;
  return {
    cipherName: `aes-${bits}-gcm` as "aes-256-gcm",
    iv: bytesOf(algorithm.iv),
    authTagLength: algorithm.tagLength === undefined ? DEFAULT_TAG_BYTES : algorithm.tagLength / 8,
  };
}
