/**
 * WebCrypto, synchronously, on `node:crypto`: functions run to their end in one go, so nothing may wait for a thread
 * pool. Errors are `CryptoFailure`s with the names that WebCrypto gives them.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  constants,
  generateKeyPairSync,
  hkdfSync,
  pbkdf2Sync,
  randomBytes,
  sign,
  timingSafeEqual,
  verify,
  type KeyObject,
  type JsonWebKeyInput,
} from "node:crypto";
import type { HostCrypto, HostKey, ImportedKey, KeyDescription } from "./isolate/host.ts";

/** `name` is that of a class of errors or of a `DOMException`. */
export class CryptoFailure extends Error {
  constructor(
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }
}

type Algorithm = {
  name: string;
  hash?: string | { name: string };
  namedCurve?: string;
  modulusLength?: number;
  publicExponent?: Binary;
  length?: number;
  saltLength?: number;
  salt?: Binary;
  info?: Binary;
  iterations?: number;
  iv?: Binary;
  additionalData?: Binary;
  tagLength?: number;
};
type Binary = { $bytes: string };

type AlgorithmName =
  "HMAC" | "RSASSA-PKCS1-v1_5" | "RSA-PSS" | "ECDSA" | "Ed25519" | "AES-GCM" | "PBKDF2" | "HKDF";

const ALGORITHMS: readonly AlgorithmName[] = [
  "HMAC",
  "RSASSA-PKCS1-v1_5",
  "RSA-PSS",
  "ECDSA",
  "Ed25519",
  "AES-GCM",
  "PBKDF2",
  "HKDF",
];
/** WebCrypto's names of hashes → those of `node:crypto`, and the size of their blocks, which HMAC keys have. */
const HASHES: Record<string, { node: string; blockBytes: number; jwk: string }> = {
  "SHA-1": { node: "sha1", blockBytes: 64, jwk: "1" },
  "SHA-256": { node: "sha256", blockBytes: 64, jwk: "256" },
  "SHA-384": { node: "sha384", blockBytes: 128, jwk: "384" },
  "SHA-512": { node: "sha512", blockBytes: 128, jwk: "512" },
};
const CURVES: Record<string, string> = { "P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1" };
/** Bytes that AES-GCM appends unless `tagLength` says otherwise. */
const GCM_TAG_BYTES = 16;
const AES_KEY_BYTES = [16, 24, 32];

/** The cryptography of one context. `report` receives why a function returned `null`. */
export function createHostCrypto(report: (error: { name: string; message: string }) => void): HostCrypto {
  const guard = <T>(work: () => T): T | null => {
    try {
      return work();
    } catch (error) {
      report(
        error instanceof CryptoFailure
          ? { name: error.name, message: error.message }
          : { name: "OperationError", message: error instanceof Error ? error.message : String(error) },
      );
      return null;
    }
  };
  return {
    digest: (algorithm, data) =>
      guard(() =>
        createHash(hashOf(parse(algorithm)).node)
          .update(data)
          .digest(),
      ),
    importKey: (format, data, algorithm, extractable, usages) =>
      guard(() => importKey(format, data, parseNamed(algorithm), extractable, usages)),
    generateKey: (algorithm, extractable, usages) =>
      guard(() => generateKey(parseNamed(algorithm), extractable, usages)),
    exportKey: (format, key, description) =>
      guard(() => exportKey(format, keyObject(key), JSON.parse(description) as KeyDescription)),
    sign: (algorithm, key, keyAlgorithm, data) =>
      guard(() => signBytes(parseNamed(algorithm), keyObject(key), parse(keyAlgorithm), data)),
    verify: (algorithm, key, keyAlgorithm, signature, data) =>
      guard(() =>
        verifyBytes(parseNamed(algorithm), keyObject(key), parse(keyAlgorithm), signature, data) ? 1 : 0,
      ),
    encrypt: (algorithm, key, data) => guard(() => encrypt(parseNamed(algorithm), keyObject(key), data)),
    decrypt: (algorithm, key, data) => guard(() => decrypt(parseNamed(algorithm), keyObject(key), data)),
    deriveBits: (algorithm, key, length) =>
      guard(() => deriveBits(parseNamed(algorithm), keyObject(key), length)),
  };
}

type NamedAlgorithm = Algorithm & { name: AlgorithmName };

function importKey(
  format: string,
  data: Uint8Array | string,
  algorithm: NamedAlgorithm,
  extractable: boolean,
  usages: string,
): ImportedKey {
  const key = readKey(format, data, algorithm);
  if (algorithm.name === "AES-GCM" && !AES_KEY_BYTES.includes(key.symmetricKeySize ?? 0)) {
    throw new CryptoFailure("DataError", "AES keys have 128, 192 or 256 bits.");
  }
  return describeKey(key, algorithm, extractable, usages);
}

function readKey(format: string, data: Uint8Array | string, algorithm: NamedAlgorithm): KeyObject {
  const bytes = typeof data === "string" ? Buffer.alloc(0) : Buffer.from(data);
  try {
    switch (format) {
      case "raw":
        if (algorithm.name === "Ed25519") return publicKeyOfRaw("OKP", "Ed25519", bytes);
        if (algorithm.name === "ECDSA") return publicKeyOfRaw("EC", curveOf(algorithm), bytes);
        return createSecretKey(bytes);
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
        throw new CryptoFailure("NotSupportedError", `Key format "${format}" is not supported.`);
    }
  } catch (error) {
    if (error instanceof CryptoFailure) throw error;
    throw new CryptoFailure(
      "DataError",
      `Invalid keyData: ${error instanceof Error ? error.message : "unreadable"}`,
    );
  }
}

/** A raw public key: a point of a curve, uncompressed. */
function publicKeyOfRaw(kty: "OKP" | "EC", crv: string, bytes: Buffer): KeyObject {
  const half = (bytes.length - 1) / 2;
  const key =
    kty === "OKP"
      ? { kty, crv, x: bytes.toString("base64url") }
      : {
          kty,
          crv,
          x: bytes.subarray(1, 1 + half).toString("base64url"),
          y: bytes.subarray(1 + half).toString("base64url"),
        };
  return createPublicKey({ key, format: "jwk" });
}

function generateKey(algorithm: NamedAlgorithm, extractable: boolean, usages: string): ImportedKey[] {
  switch (algorithm.name) {
    case "HMAC": {
      const bytes = algorithm.length === undefined ? hashOf(algorithm).blockBytes : algorithm.length / 8;
      return [describeKey(createSecretKey(randomBytes(bytes)), algorithm, extractable, usages)];
    }
    case "AES-GCM": {
      const bytes = (algorithm.length ?? 0) / 8;
      if (!AES_KEY_BYTES.includes(bytes)) {
        throw new CryptoFailure("OperationError", "AES keys have 128, 192 or 256 bits.");
      }
      return [describeKey(createSecretKey(randomBytes(bytes)), algorithm, extractable, usages)];
    }
    case "RSASSA-PKCS1-v1_5":
    case "RSA-PSS": {
      const publicExponent = bytesOf(algorithm.publicExponent).reduce((sum, byte) => sum * 256 + byte, 0);
      const pair = generateKeyPairSync("rsa", {
        modulusLength: algorithm.modulusLength ?? 2048,
        publicExponent,
      });
      return describePair(pair, algorithm, extractable, usages);
    }
    case "ECDSA":
      return describePair(
        generateKeyPairSync("ec", { namedCurve: CURVES[curveOf(algorithm)] ?? "" }),
        algorithm,
        extractable,
        usages,
      );
    case "Ed25519":
      return describePair(generateKeyPairSync("ed25519"), algorithm, extractable, usages);
    case "PBKDF2":
    case "HKDF":
      throw unsupported(algorithm.name, "generateKey");
    default:
      return algorithm.name satisfies never;
  }
}

function describePair(
  pair: { publicKey: KeyObject; privateKey: KeyObject },
  algorithm: NamedAlgorithm,
  extractable: boolean,
  usages: string,
): ImportedKey[] {
  const only = (...allowed: string[]): string =>
    usages
      .split(",")
      .filter((usage) => allowed.includes(usage))
      .join(",");
  return [
    describeKey(pair.publicKey, algorithm, true, only("verify")),
    describeKey(pair.privateKey, algorithm, extractable, only("sign")),
  ];
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
  if (key.type === "secret" && (algorithm.name === "HMAC" || algorithm.name === "AES-GCM")) {
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

function exportKey(format: string, key: KeyObject, description: KeyDescription): Uint8Array | string {
  switch (format) {
    case "raw":
      if (key.type === "secret") return key.export();
      return rawPublicKey(key);
    case "pkcs8":
      return key.export({ format: "der", type: "pkcs8" });
    case "spki":
      return key.export({ format: "der", type: "spki" });
    case "jwk":
      return JSON.stringify({
        ...key.export({ format: "jwk" }),
        key_ops: description.usages === "" ? [] : description.usages.split(","),
        ext: description.extractable,
        ...jwkAlgorithm(parse(description.algorithmJson)),
      });
    default:
      throw new CryptoFailure("NotSupportedError", `Key format "${format}" is not supported.`);
  }
}

function rawPublicKey(key: KeyObject): Uint8Array {
  const { x = "", y } = key.export({ format: "jwk" });
  const first = Buffer.from(x, "base64url");
  return y === undefined ? first : Buffer.concat([Buffer.from([4]), first, Buffer.from(y, "base64url")]);
}

function jwkAlgorithm(algorithm: Algorithm): { alg?: string } {
  switch (algorithm.name) {
    case "HMAC":
      return { alg: `HS${hashOf(algorithm).jwk}` };
    case "RSASSA-PKCS1-v1_5":
      return { alg: `RS${hashOf(algorithm).jwk}` };
    case "RSA-PSS":
      return { alg: `PS${hashOf(algorithm).jwk}` };
    case "AES-GCM":
      return { alg: `A${algorithm.length ?? 0}GCM` };
    default:
      return {};
  }
}

function signBytes(
  algorithm: NamedAlgorithm,
  key: KeyObject,
  keyAlgorithm: Algorithm,
  data: Uint8Array,
): Uint8Array {
  switch (algorithm.name) {
    case "HMAC":
      return createHmac(hashOf(keyAlgorithm).node, key).update(data).digest();
    case "Ed25519":
      return sign(null, data, key);
    case "RSASSA-PKCS1-v1_5":
    case "RSA-PSS":
    case "ECDSA":
      return sign(signatureHash(algorithm, keyAlgorithm), data, { key, ...signatureOptions(algorithm) });
    case "AES-GCM":
    case "PBKDF2":
    case "HKDF":
      throw unsupported(algorithm.name, "sign");
    default:
      return algorithm.name satisfies never;
  }
}

function verifyBytes(
  algorithm: NamedAlgorithm,
  key: KeyObject,
  keyAlgorithm: Algorithm,
  signature: Uint8Array,
  data: Uint8Array,
): boolean {
  switch (algorithm.name) {
    case "HMAC": {
      const expected = signBytes(algorithm, key, keyAlgorithm, data);
      return expected.length === signature.length && timingSafeEqual(expected, signature);
    }
    case "Ed25519":
      return verify(null, data, key, signature);
    case "RSASSA-PKCS1-v1_5":
    case "RSA-PSS":
    case "ECDSA":
      return verify(
        signatureHash(algorithm, keyAlgorithm),
        data,
        { key, ...signatureOptions(algorithm) },
        signature,
      );
    case "AES-GCM":
    case "PBKDF2":
    case "HKDF":
      throw unsupported(algorithm.name, "verify");
    default:
      return algorithm.name satisfies never;
  }
}

/** ECDSA's hash belongs to the call, RSA's to the key. */
function signatureHash(algorithm: NamedAlgorithm, keyAlgorithm: Algorithm): string {
  return hashOf(algorithm.name === "ECDSA" ? algorithm : keyAlgorithm).node;
}

function signatureOptions(algorithm: NamedAlgorithm): object {
  if (algorithm.name === "ECDSA") return { dsaEncoding: "ieee-p1363" };
  if (algorithm.name === "RSA-PSS") {
    return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: algorithm.saltLength ?? 0 };
  }
  return { padding: constants.RSA_PKCS1_PADDING };
}

function encrypt(algorithm: NamedAlgorithm, key: KeyObject, data: Uint8Array): Uint8Array {
  if (algorithm.name !== "AES-GCM") throw unsupported(algorithm.name, "encrypt");
  const { cipherName, iv, authTagLength } = gcmOptions(algorithm, key);
  const cipher = createCipheriv(cipherName, key, iv, { authTagLength });
  if (algorithm.additionalData !== undefined) cipher.setAAD(bytesOf(algorithm.additionalData));
  return Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(algorithm: NamedAlgorithm, key: KeyObject, data: Uint8Array): Uint8Array {
  if (algorithm.name !== "AES-GCM") throw unsupported(algorithm.name, "decrypt");
  const { cipherName, iv, authTagLength } = gcmOptions(algorithm, key);
  if (data.length < authTagLength) throw new CryptoFailure("OperationError", "The data is too short.");
  const decipher = createDecipheriv(cipherName, key, iv, { authTagLength });
  if (algorithm.additionalData !== undefined) decipher.setAAD(bytesOf(algorithm.additionalData));
  decipher.setAuthTag(data.subarray(data.length - authTagLength));
  return Buffer.concat([decipher.update(data.subarray(0, data.length - authTagLength)), decipher.final()]);
}

function gcmOptions(algorithm: Algorithm, key: KeyObject) {
  const bits = (key.symmetricKeySize ?? 0) * 8;
  return {
    cipherName: `aes-${bits}-gcm` as "aes-256-gcm",
    iv: bytesOf(algorithm.iv),
    authTagLength: algorithm.tagLength === undefined ? GCM_TAG_BYTES : algorithm.tagLength / 8,
  };
}

function deriveBits(algorithm: NamedAlgorithm, key: KeyObject, length: number): Uint8Array {
  const secret = key.export();
  const salt = bytesOf(algorithm.salt);
  const { node } = hashOf(algorithm);
  if (length % 8 !== 0) throw new CryptoFailure("OperationError", "length must be a multiple of 8.");
  switch (algorithm.name) {
    case "PBKDF2":
      return pbkdf2Sync(secret, salt, algorithm.iterations ?? 0, length / 8, node);
    case "HKDF":
      return new Uint8Array(hkdfSync(node, secret, salt, bytesOf(algorithm.info), length / 8));
    case "HMAC":
    case "RSASSA-PKCS1-v1_5":
    case "RSA-PSS":
    case "ECDSA":
    case "Ed25519":
    case "AES-GCM":
      throw unsupported(algorithm.name, "deriveBits");
    default:
      return algorithm.name satisfies never;
  }
}

function parse(json: string): Algorithm {
  return JSON.parse(json) as Algorithm;
}

/** The algorithm with its name as the standard writes it; callers may write it in any case. */
function parseNamed(json: string): NamedAlgorithm {
  const algorithm = parse(json);
  const name = ALGORITHMS.find((known) => known.toLowerCase() === algorithm.name.toLowerCase());
  if (name === undefined) {
    throw new CryptoFailure(
      "NotSupportedError",
      `${algorithm.name} is not supported in queries and mutations by the embedded backend. Supported are ` +
        `${ALGORITHMS.join(", ")}; anything else can be done in an action.`,
    );
  }
  return { ...algorithm, name };
}

function hashName(algorithm: Algorithm): string {
  const hash = algorithm.hash ?? algorithm.name;
  return (typeof hash === "string" ? hash : hash.name).toUpperCase();
}

function hashOf(algorithm: Algorithm): { node: string; blockBytes: number; jwk: string } {
  const hash = HASHES[hashName(algorithm)];
  if (hash === undefined)
    throw new CryptoFailure("NotSupportedError", `Unrecognized hash ${hashName(algorithm)}`);
  return hash;
}

function curveOf({ namedCurve = "" }: Algorithm): string {
  if (!(namedCurve in CURVES))
    throw new CryptoFailure("NotSupportedError", `Unrecognized curve ${namedCurve}`);
  return namedCurve;
}

function bytesOf(binary: Binary | undefined): Buffer {
  return Buffer.from(binary?.$bytes ?? "", "base64");
}

function keyObject(key: HostKey): KeyObject {
  return key as unknown as KeyObject;
}

function unsupported(name: string, operation: string): CryptoFailure {
  return new CryptoFailure("NotSupportedError", `${name} cannot be used to ${operation}.`);
}
