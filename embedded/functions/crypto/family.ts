import type { KeyObject } from "node:crypto";
import type { Algorithm, NamedAlgorithm } from "./algorithms.ts";

export type KeyPair = { publicKey: KeyObject; privateKey: KeyObject };

/** What a family of algorithms can do. An operation that is not there is not one of the algorithm's. */
export type Family = {
  generateKey?(algorithm: NamedAlgorithm): KeyObject | KeyPair;
  /** Of a key in the format `raw`; without it that is a secret. */
  publicKeyOfRaw?(algorithm: NamedAlgorithm, bytes: Buffer): KeyObject;
  /** Throws for a key that the algorithm has no use for. */
  checkKey?(key: KeyObject): void;
  /** `alg` of the key as a JWK. */
  jwkName?(algorithm: Algorithm): string;
  /** `keyAlgorithm` is that with which the key was made, `algorithm` that of the call. */
  sign?(algorithm: NamedAlgorithm, key: KeyObject, keyAlgorithm: Algorithm, data: Uint8Array): Uint8Array;
  verify?(
    algorithm: NamedAlgorithm,
    key: KeyObject,
    keyAlgorithm: Algorithm,
    signature: Uint8Array,
    data: Uint8Array,
  ): boolean;
  encrypt?(algorithm: NamedAlgorithm, key: KeyObject, data: Uint8Array): Uint8Array;
  decrypt?(algorithm: NamedAlgorithm, key: KeyObject, data: Uint8Array): Uint8Array;
  deriveBits?(algorithm: NamedAlgorithm, key: KeyObject, bytes: number): Uint8Array;
};
