import type { IncomingMessage } from "node:http";
import { payerOf } from "../functions/client.ts";
import { Pacer } from "../pacer.ts";
import { addressGroup } from "./clientAddress.ts";
import type { AddressOf } from "./clientAddress.ts";

/** Milliseconds of the server's thread that each request takes, whatever it asks for: to read its head and to send its answer. */
const REQUEST_MS = 0.15;

/** Milliseconds that each chunk of a body takes, however short it is. */
const CHUNK_MS = 0.001;

/** Bytes of a chunk from which it is passed on as it is, and of small ones that are passed on together. */
const SMALL_BYTES = 512;
const MERGED_BYTES = 16 * 1024;

/** Chunks of a body before its sender is looked at. */
const LOOK_EVERY = 1024;

/**
 * Paces the requests of each address: whoever takes up more than a share of the server's one thread with their mere number waits, so that thousands of connections that
 * send one after the other do not hold everybody up.
 */
export class RequestPace {
  constructor(
    private readonly pacer: Pacer,
    private readonly addressOf: AddressOf,
    private readonly chunks = new Pacer(),
  ) {}

  /** A request has come. Resolves when it may be looked at; `null` if that is now. */
  begin(request: IncomingMessage): Promise<void> | null {
    const payer = payerOf(null, addressGroup(this.addressOf(request)));
    const rested = this.pacer.rest(payer);
    this.pacer.charge(payer, REQUEST_MS);
    if (!request.complete && request.headers["transfer-encoding"] !== undefined)
      this.mergeChunks(request, payer);
    return rested;
  }

  /** Does an address send more small chunks than its share? It must not open connections as fast as others do: what comes first on each is read in any case. */
  isFlooding(address: string): boolean {
    return this.chunks.waitMs(payerOf(null, addressGroup(address))) > 0;
  }

  /**
   * Puts small chunks of a body together before anybody is given them: as they come, each is an object that takes two hundred times the
   * memory of its one byte, and a turn of everything that reads it.
   */
  private mergeChunks(request: IncomingMessage, payer: string): void {
    // It loses its socket when it is given up.
    const { socket } = request;
    const push = request.push.bind(request);
    let merged: Buffer | null = null;
    let bytes = 0;
    let count = 0;
    const flush = (): boolean => {
      const whole = merged?.subarray(0, bytes);
      merged = null;
      bytes = 0;
      return whole === undefined || push(whole);
    };
    request.push = (chunk: Buffer | null, encoding) => {
      const isLook = ++count % LOOK_EVERY === 0;
      if (isLook) this.chunks.charge(payer, CHUNK_MS * LOOK_EVERY);
      if (socket.destroyed) return false;
      if (chunk === null || chunk.byteLength >= SMALL_BYTES) {
        flush();
        return push(chunk, encoding);
      }
      if (isLook && this.chunks.waitMs(payer) > 0) socket.destroy();
      // Given up by whoever read it, and still being sent.
      if (request.destroyed) return push(chunk, encoding);
      if (merged !== null && bytes + chunk.byteLength > MERGED_BYTES) flush();
      if (merged === null) {
        merged = Buffer.allocUnsafe(MERGED_BYTES);
        setImmediate(flush);
      }
      bytes += chunk.copy(merged, bytes);
      // Node reads on when somebody asks for more, which is after the next flush.
      return !isLook;
    };
  }
}
