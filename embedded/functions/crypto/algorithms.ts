/** WebCrypto's algorithms as they arrive from a context: parsed, with their names as the standard writes them. */

/** `name` is that of a class of errors or of a `DOMException`. */
export class CryptoFailure extends Error {
  constructor(
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }
}

export type Binary = { $bytes: string };

export type Algorithm = {
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
  counter?: Binary;
  label?: Binary;
  additionalData?: Binary;
  tagLength?: number;
};

const NAMES = [
  "HMAC",
  "RSASSA-PKCS1-v1_5",
  "RSA-PSS",
  "RSA-OAEP",
  "ECDSA",
  "Ed25519",
  "AES-GCM",
  "AES-CBC",
  "AES-CTR",
  "PBKDF2",
  "HKDF",
] as const;
export type AlgorithmName = (typeof NAMES)[number];
export type NamedAlgorithm = Algorithm & { name: AlgorithmName };

/** WebCrypto's names of hashes → those of `node:crypto`, and the size of their blocks, which HMAC keys have. */
const HASHES: Record<string, { node: string; blockBytes: number; jwk: string }> = {
  "SHA-1": { node: "sha1", blockBytes: 64, jwk: "1" },
  "SHA-256": { node: "sha256", blockBytes: 64, jwk: "256" },
  "SHA-384": { node: "sha384", blockBytes: 128, jwk: "384" },
  "SHA-512": { node: "sha512", blockBytes: 128, jwk: "512" },
};

export function parse(json: string): Algorithm {
  return JSON.parse(json) as Algorithm;
}

/** The algorithm with its name as the standard writes it; callers may write it in any case. */
export function parseNamed(json: string): NamedAlgorithm {
  const algorithm = parse(json);
  const name = NAMES.find((known) => known.toLowerCase() === algorithm.name.toLowerCase());
  if (name === undefined) {
    throw new CryptoFailure(
      "NotSupportedError",
      `${algorithm.name} is not supported in queries and mutations by the embedded backend. Supported are ` +
        `${NAMES.join(", ")}; anything else can be done in an action.`,
    );
  }
  return { ...algorithm, name };
}

export function hashName(algorithm: Algorithm): string {
  const hash = algorithm.hash ?? algorithm.name;
  return (typeof hash === "string" ? hash : hash.name).toUpperCase();
}

export function hashOf(algorithm: Algorithm): { node: string; blockBytes: number; jwk: string } {
  const hash = HASHES[hashName(algorithm)];
  if (hash === undefined)
    throw new CryptoFailure("NotSupportedError", `Unrecognized hash ${hashName(algorithm)}`);
  return hash;
}

export function bytesOf(binary: Binary | undefined): Buffer {
  return Buffer.from(binary?.$bytes ?? "", "base64");
}
