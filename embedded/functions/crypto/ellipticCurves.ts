import { createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from "node:crypto";
import { CryptoFailure, hashOf, type Algorithm } from "./algorithms.ts";
import type { Family } from "./family.ts";

/** WebCrypto's names of curves → those of `node:crypto`. */
const CURVES: Record<string, string> = { "P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1" };

/** WebCrypto's signatures are two numbers side by side, not wrapped in ASN.1. */
const SIGNATURE = { dsaEncoding: "ieee-p1363" } as const;

/** The hash belongs to the call, not to the key. */
export const ecdsa: Family = {
  generateKey: (algorithm) => generateKeyPairSync("ec", { namedCurve: CURVES[curveOf(algorithm)] ?? "" }),
  publicKeyOfRaw: (algorithm, bytes) => {
    // An uncompressed point: a tag, then the two coordinates.
    const half = (bytes.length - 1) / 2;
    const [x, y] = [bytes.subarray(1, 1 + half), bytes.subarray(1 + half)];
    return publicKey({
      kty: "EC",
      crv: curveOf(algorithm),
      x: x.toString("base64url"),
      y: y.toString("base64url"),
    });
  },
  sign: (algorithm, key, _keyAlgorithm, data) => sign(hashOf(algorithm).node, data, { key, ...SIGNATURE }),
  verify: (algorithm, key, _keyAlgorithm, signature, data) =>
    verify(hashOf(algorithm).node, data, { key, ...SIGNATURE }, signature),
};

export const ed25519: Family = {
  generateKey: () => generateKeyPairSync("ed25519"),
  publicKeyOfRaw: (_algorithm, bytes) =>
    publicKey({ kty: "OKP", crv: "Ed25519", x: bytes.toString("base64url") }),
  sign: (_algorithm, key, _keyAlgorithm, data) => sign(null, data, key),
  verify: (_algorithm, key, _keyAlgorithm, signature, data) => verify(null, data, key, signature),
};

/** The reverse of `publicKeyOfRaw`. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  const { x = "", y } = key.export({ format: "jwk" });
  const first = Buffer.from(x, "base64url");
  return y === undefined ? first : Buffer.concat([Buffer.from([4]), first, Buffer.from(y, "base64url")]);
}

const publicKey = (key: { kty: string; crv: string; x: string; y?: string }): KeyObject =>
  createPublicKey({ key, format: "jwk" });

function curveOf({ namedCurve = "" }: Algorithm): string {
  if (!(namedCurve in CURVES))
    throw new CryptoFailure("NotSupportedError", `Unrecognized curve ${namedCurve}`);
  return namedCurve;
}
