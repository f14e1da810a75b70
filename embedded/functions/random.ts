/** Randomness of one execution: unguessable from outside, and the same again for the same seed. */
import { createCipheriv, randomBytes, type Cipher } from "node:crypto";

const SEED_BYTES = 32;

/** The key stream of AES-256-CTR: `@convex-dev/auth` makes its tokens of it, so a fast generator would not do. */
export class SeededRandom {
  private stream: Cipher | null = null;
  private readonly seed: Buffer;

  constructor(seed: Buffer = randomBytes(SEED_BYTES)) {
    this.seed = seed;
  }

  bytes(length: number): Uint8Array {
    this.stream ??= createCipheriv("aes-256-ctr", this.seed, Buffer.alloc(16));
    return this.stream.update(Buffer.alloc(length));
  }
}
