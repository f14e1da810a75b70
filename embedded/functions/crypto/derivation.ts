import { hkdfSync, pbkdf2Sync } from "node:crypto";
import { bytesOf, hashOf } from "./algorithms.ts";
import type { Family } from "./family.ts";

/** Bits from a secret: a password, or key material. */

export const pbkdf2: Family = {
  deriveBits: (algorithm, key, bytes) =>
    pbkdf2Sync(
      key.export(),
      bytesOf(algorithm.salt),
      algorithm.iterations ?? 0,
      bytes,
      hashOf(algorithm).node,
    ),
};

export const hkdf: Family = {
  deriveBits: (algorithm, key, bytes) =>
    new Uint8Array(
      hkdfSync(hashOf(algorithm).node, key.export(), bytesOf(algorithm.salt), bytesOf(algorithm.info), bytes),
    ),
};
