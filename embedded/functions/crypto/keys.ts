/** Keys of all algorithms: read, made, described and written. */
import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type JsonWebKeyInput,
  type KeyObject,
} from "node:crypto";
import type { HostKey, ImportedKey, KeyDescription } from "../isolate/host.ts";
import { CryptoFailure, hashName, parseNamed, type Binary, type NamedAlgorithm } from "./algorithms.ts";
import { rawPublicKey } from "./ellipticCurves.ts";
import { familyOf, operationOf } from "./families.ts";

export function keyObject(key: HostKey): KeyObject {
  return key as unknown as KeyObject;
}

export function importKey(
  format: string,
  data: Uint8Array | string,
  algorithm: NamedAlgorithm,
  extractable: boolean,
  usages: string,
): ImportedKey {
  const key = readKey(format, data, algorithm);
  familyOf(algorithm.name).checkKey?.(key);
  checkUsages(algorithm, key.type, usages);
  return describeKey(key, algorithm, extractable, usages);
}

function readKey(format: string, data: Uint8Array | string, algorithm: NamedAlgorithm): KeyObject {
  const bytes = typeof data === "string" ? Buffer.alloc(0) : Buffer.from(data);
  try {
    switch (format) {
      case "raw":
        return familyOf(algorithm.name).publicKeyOfRaw?.(algorithm, bytes) ?? createSecretKey(bytes);
      case "pkcs8":
        return createPrivateKey({ key: bytes, format: "der", type: "pkcs8" });
      case "spki":
        return createPublicKey({ key: bytes, format: "der", type: "spki" });
      case "jwk": {
        const jwk = JSON.parse(data as string) as { kty?: string; k?: string; d?: string };
        if (jwk.kty === "oct") return createSecretKey(Buffer.from(jwk.k ?? "", "base64url"));
        const input = { key: jwk, format: "jwk" } as JsonWebKeyInput;
        return jwk.d === undefined ? createPublicKey(input) : createPrivateKey(input);
      }
      default:
        throw unsupportedFormat(format);
    }
  } catch (error) {
    if (error instanceof CryptoFailure) throw error;
    throw new CryptoFailure(
      "DataError",
      `Invalid keyData: ${error instanceof Error ? error.message : "unreadable"}`,
    );
  }
}

/** One secret, or a public key and its private one, between which the usages are divided. */
export function generateKey(algorithm: NamedAlgorithm, extractable: boolean, usages: string): ImportedKey[] {
  const made = operationOf(algorithm.name, "generateKey")(algorithm);
  if (!("publicKey" in made)) {
    checkUsages(algorithm, "secret", usages);
    return [describeKey(made, algorithm, extractable, usages)];
  }
  const ofPublic = usagesOf(algorithm, "public");
  const ofPrivate = usagesOf(algorithm, "private");
  checkSubset(usages, [...ofPublic, ...ofPrivate]);
  const only = (allowed: readonly string[]): string =>
    usages
      .split(",")
      .filter((usage) => allowed.includes(usage))
      .join(",");
  checkUsages(algorithm, "private", only(ofPrivate));
  return [
    describeKey(made.publicKey, algorithm, true, only(ofPublic)),
    describeKey(made.privateKey, algorithm, extractable, only(ofPrivate)),
  ];
}

/** What keys of an algorithm can be for. */
function usagesOf({ name }: NamedAlgorithm, type: KeyObject["type"]): readonly string[] {
  switch (name) {
    case "HMAC":
      return ["sign", "verify"];
    case "AES-GCM":
    case "AES-CBC":
    case "AES-CTR":
      return ["encrypt", "decrypt", "wrapKey", "unwrapKey"];
    case "PBKDF2":
    case "HKDF":
      return ["deriveKey", "deriveBits"];
    case "RSASSA-PKCS1-v1_5":
    case "RSA-PSS":
    case "ECDSA":
    case "Ed25519":
      return type === "public" ? ["verify"] : ["sign"];
    case "RSA-OAEP":
      return type === "public" ? ["encrypt", "wrapKey"] : ["decrypt", "unwrapKey"];
    default:
      return name satisfies never;
  }
}

/** Throws for usages that the algorithm has not, and for a secret of none: `check_useless` in Convex's `subtle_crypto/crypto_key.rs`. */
function checkUsages(algorithm: NamedAlgorithm, type: KeyObject["type"], usages: string): void {
  checkSubset(usages, usagesOf(algorithm, type));
  if (type !== "public" && usages === "") throw new CryptoFailure("SyntaxError", "invalid key usages");
}

function checkSubset(usages: string, possible: readonly string[]): void {
  if (usages === "" || usages.split(",").every((usage) => possible.includes(usage))) return;
  throw new CryptoFailure("SyntaxError", "invalid key_usages");
}

function describeKey(
  key: KeyObject,
  algorithm: NamedAlgorithm,
  extractable: boolean,
  usages: string,
): ImportedKey {
  const details: Record<string, unknown> = { name: algorithm.name };
  if (algorithm.hash !== undefined) details["hash"] = { name: hashName(algorithm) };
  if (algorithm.namedCurve !== undefined) details["namedCurve"] = algorithm.namedCurve;
  if (key.type === "secret" && (algorithm.name === "HMAC" || algorithm.name.startsWith("AES-"))) {
    details["length"] = (key.symmetricKeySize ?? 0) * 8;
  }
  const { modulusLength, publicExponent } = key.asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined) details["modulusLength"] = modulusLength;
  if (publicExponent !== undefined) {
    const hex = publicExponent.toString(16);
    const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
    details["publicExponent"] = { $bytes: bytes.toString("base64") } satisfies Binary;
  }
  return {
    key: key as unknown as HostKey,
    type: key.type,
    extractable,
    algorithmJson: JSON.stringify(details),
    usages,
  };
}

export function exportKey(format: string, key: KeyObject, description: KeyDescription): Uint8Array | string {
  switch (format) {
    case "raw":
      return key.type === "secret" ? key.export() : rawPublicKey(key);
    case "pkcs8":
      return key.export({ format: "der", type: "pkcs8" });
    case "spki":
      return key.export({ format: "der", type: "spki" });
    case "jwk": {
      const algorithm = parseNamed(description.algorithmJson);
      const alg = familyOf(algorithm.name).jwkName?.(algorithm);
      return JSON.stringify({
        ...key.export({ format: "jwk" }),
        key_ops: description.usages === "" ? [] : description.usages.split(","),
        ext: description.extractable,
        ...(alg !== undefined && { alg }),
      });
    }
    default:
      throw unsupportedFormat(format);
  }
}

const unsupportedFormat = (format: string): CryptoFailure =>
  new CryptoFailure("NotSupportedError", `Key format "${format}" is not supported.`);
