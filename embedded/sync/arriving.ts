import type { Duplex } from "node:stream";
import type { Holding } from "../memoryAccount.ts";

/** Bytes of a message that is not whole yet which are not counted: nearly all come in one piece. */
const UNCOUNTED_BYTES = 64 * 1024;

/** What Node and `ws` keep for each piece of a message, however short it is. */
const BYTES_A_PIECE = 256;

/** Why a message that is still coming must not go on: it is larger than allowed, or there is no memory for it. */
export type Excess = "tooLarge" | "noMemory";

/** The message that is coming in on a socket, whose bytes `ws` holds until it is whole. */
export class Arriving {
  private bytes = 0;
  private pieces = 0;

  constructor(
    socket: Duplex,
    private readonly holding: Holding,
    /** Bytes of the largest message that is allowed now. */
    private readonly maxBytes: () => number,
    private readonly onExcess: (excess: Excess) => void,
  ) {
    // After the listener of `ws`: `isWhole` has been called when this chunk has ended a message.
    socket.on("data", (chunk: Buffer) => this.add(chunk.byteLength));
  }

  /** The message is whole, and whoever handles it counts it from here on. */
  isWhole(): void {
    this.bytes = 0;
    this.pieces = 0;
    if (this.holding.bytes > 0) this.holding.resize(0);
  }

  private add(bytes: number): void {
    this.bytes += bytes;
    this.pieces++;
    const held = this.bytes + BYTES_A_PIECE * this.pieces;
    if (held <= UNCOUNTED_BYTES) return;
    if (this.bytes > this.maxBytes() + UNCOUNTED_BYTES) this.onExcess("tooLarge");
    else if (!this.holding.resize(held)) this.onExcess("noMemory");
  }
}
