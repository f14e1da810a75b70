import {
  constants,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  sign,
  verify,
  type KeyObject,
} from "node:crypto";
import { bytesOf, hashOf, type NamedAlgorithm } from "./algorithms.ts";
import type { Family } from "./family.ts";

/** Bits of a modulus for callers that name none. */
const DEFAULT_MODULUS_BITS = 2048;

const generateKey = (algorithm: NamedAlgorithm) =>
  generateKeyPairSync("rsa", {
    modulusLength: algorithm.modulusLength ?? DEFAULT_MODULUS_BITS,
    publicExponent: bytesOf(algorithm.publicExponent).reduce((sum, byte) => sum * 256 + byte, 0),
  });

/** RSASSA-PKCS1-v1_5 and RSA-PSS differ in their padding. The hash belongs to the key. */
function rsa(jwkPrefix: "RS" | "PS", padding: (algorithm: NamedAlgorithm) => object): Family {
  return {
    generateKey,
    jwkName: (algorithm) => `${jwkPrefix}${hashOf(algorithm).jwk}`,
    sign: (algorithm, key, keyAlgorithm, data) =>
      sign(hashOf(keyAlgorithm).node, data, { key, ...padding(algorithm) }),
    verify: (algorithm, key, keyAlgorithm, signature, data) =>
      verify(hashOf(keyAlgorithm).node, data, { key, ...padding(algorithm) }, signature),
  };
}

export const rsaPkcs1 = rsa("RS", () => ({ padding: constants.RSA_PKCS1_PADDING }));

export const rsaPss = rsa("PS", ({ saltLength = 0 }) => ({
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength,
}));

const oaep = (algorithm: NamedAlgorithm, key: KeyObject) => ({
  key,
  padding: constants.RSA_PKCS1_OAEP_PADDING,
  oaepHash: hashOf(algorithm).node,
  ...(algorithm.label !== undefined && { oaepLabel: bytesOf(algorithm.label) }),
});

/** The hash is that of the key: `encrypt` and `decrypt` in `isolate/crypto.ts` add it. */
export const rsaOaep: Family = {
  generateKey,
  jwkName: (algorithm) => {
    const { jwk } = hashOf(algorithm);
    return jwk === "1" ? "RSA-OAEP" : `RSA-OAEP-${jwk}`;
  },
  encrypt: (algorithm, key, data) => publicEncrypt(oaep(algorithm, key), data),
  decrypt: (algorithm, key, data) => privateDecrypt(oaep(algorithm, key), data),
};
