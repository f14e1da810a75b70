import { aesCbc, aesCtr, aesGcm } from "./aes.ts";
import { CryptoFailure, type AlgorithmName } from "./algorithms.ts";
import { hkdf, pbkdf2 } from "./derivation.ts";
import { ecdsa, ed25519 } from "./ellipticCurves.ts";
import type { Family } from "./family.ts";
import { hmac } from "./hmac.ts";
import { rsaOaep, rsaPkcs1, rsaPss } from "./rsa.ts";

const FAMILIES: Record<AlgorithmName, Family> = {
  HMAC: hmac,
  "RSASSA-PKCS1-v1_5": rsaPkcs1,
  "RSA-PSS": rsaPss,
  "RSA-OAEP": rsaOaep,
  ECDSA: ecdsa,
  Ed25519: ed25519,
  "AES-GCM": aesGcm,
  "AES-CBC": aesCbc,
  "AES-CTR": aesCtr,
  PBKDF2: pbkdf2,
  HKDF: hkdf,
};

export const familyOf = (name: AlgorithmName): Family => FAMILIES[name];

type Operation = "generateKey" | "sign" | "verify" | "encrypt" | "decrypt" | "deriveBits";

/** The operation of an algorithm. Throws, by their names, when it has none such. */
export function operationOf<Name extends Operation>(
  name: AlgorithmName,
  operation: Name,
): NonNullable<Family[Name]> {
  const found = FAMILIES[name][operation];
  if (found === undefined) {
    throw new CryptoFailure("NotSupportedError", `${name} cannot be used to ${operation}.`);
  }
  return found;
}
