import { WebSocket } from "ws";
import { clock } from "../clock.ts";
import type { Holding } from "../memoryAccount.ts";

/** Bytes waiting for a client above which it gets no transition until it has caught up: about a second on a slow line. */
const ROOM_BYTES = 256 * 1024;

/** Bytes waiting that are not counted as somebody's memory: a socket that is read has fewer at nearly all times. */
const UNCOUNTED_BYTES = 16 * 1024;

/** A transition is there as one text, as the chunks that it is sent in, and as the bytes of those. */
const COPIES = 3;

/** 1009: a message was too large; the others are Convex's, and have the client come back. */
export type CloseCode = 1000 | 1009 | 1011 | 1012 | 1013;

/** The sending half of a client's socket, and whether there is room in it. */
export class Outgoing {
  /** When the last message went out, milliseconds since the epoch. */
  lastSentAt = clock.now();
  private isFull = false;

  constructor(
    private readonly socket: WebSocket,
    /** The memory of what waits. */
    private readonly holding: Holding,
    private readonly parts: {
      /** Bytes waiting above which a client that does not read is cut off. */
      maxWaitingBytes: () => number;
      /** There is room again. */
      onRoom: () => void;
    },
  ) {}

  get hasRoom(): boolean {
    if (this.socket.bufferedAmount > ROOM_BYTES) this.isFull = true;
    return !this.isFull;
  }

  /**
   * May a message of so many characters be written? It costs them several times over until it is on its way, which is more than what waits then: `false` where there is no
   * memory for that.
   */
  reserve(length: number): boolean {
    if (length <= UNCOUNTED_BYTES) return true;
    return this.holding.resize(this.socket.bufferedAmount + COPIES * length);
  }

  send(text: string): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.lastSentAt = clock.now();
    this.socket.send(text, this.noticeRoom);
    const waiting = this.socket.bufferedAmount;
    if (waiting <= UNCOUNTED_BYTES) {
      if (this.holding.bytes > 0) this.holding.resize(0);
      return;
    }
    // One message is always let through, however large: it may be the only one.
    if (waiting - Buffer.byteLength(text) > this.parts.maxWaitingBytes() || !this.holding.resize(waiting))
      this.socket.terminate();
  }

  /** Without a code: the message before it has told the client what to do. Reasons are Convex's short names. */
  close(code?: CloseCode, reason?: string): void {
    this.socket.close(code, reason);
  }

  /** At once: a client that does not read would never answer a closing handshake. */
  terminate(): void {
    this.socket.terminate();
  }

  private readonly noticeRoom = (): void => {
    const waiting = this.socket.bufferedAmount;
    if (this.holding.bytes > 0) this.holding.resize(waiting);
    if (!this.isFull || waiting > ROOM_BYTES) return;
    this.isFull = false;
    this.parts.onRoom();
  };
}
