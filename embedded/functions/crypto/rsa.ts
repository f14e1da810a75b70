import { constants, generateKeyPairSync, sign, verify } from "node:crypto";
import { bytesOf, hashOf, type NamedAlgorithm } from "./algorithms.ts";
import type { Family } from "./family.ts";

/** Bits of a modulus for callers that name none. */
const DEFAULT_MODULUS_BITS = 2048;

/** RSASSA-PKCS1-v1_5 and RSA-PSS differ in their padding. The hash belongs to the key. */
function rsa(jwkPrefix: "RS" | "PS", padding: (algorithm: NamedAlgorithm) => object): Family {
  return {
    generateKey: (algorithm) =>
      generateKeyPairSync("rsa", {
        modulusLength: algorithm.modulusLength ?? DEFAULT_MODULUS_BITS,
        publicExponent: bytesOf(algorithm.publicExponent).reduce((sum, byte) => sum * 256 + byte, 0),
      }),
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
