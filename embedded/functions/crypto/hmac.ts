import { createHmac, createSecretKey, randomBytes, timingSafeEqual, type KeyObject } from "node:crypto";
import { hashOf, type Algorithm } from "./algorithms.ts";
import type { Family } from "./family.ts";

export const hmac: Family = {
  generateKey: (algorithm) =>
    createSecretKey(
      randomBytes(algorithm.length === undefined ? hashOf(algorithm).blockBytes : algorithm.length / 8),
    ),
  jwkName: (algorithm) => `HS${hashOf(algorithm).jwk}`,
  sign: (_algorithm, key, keyAlgorithm, data) => authenticate(key, keyAlgorithm, data),
  verify: (_algorithm, key, keyAlgorithm, signature, data) => {
    const expected = authenticate(key, keyAlgorithm, data);
    return expected.length === signature.length && timingSafeEqual(expected, signature);
  },
};

const authenticate = (key: KeyObject, keyAlgorithm: Algorithm, data: Uint8Array): Buffer =>
  createHmac(hashOf(keyAlgorithm).node, key).update(data).digest();
