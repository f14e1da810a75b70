import { WebSocket } from "ws";
import { clock } from "../clock.ts";

/** Bytes waiting for a client above which it gets no transition until it has caught up: about a second on a slow line. */
const ROOM_BYTES = 256 * 1024;

/** The sending half of a client's socket, and whether there is room in it. */
export class Outgoing {
  /** When the last message went out, milliseconds since the epoch. */
  lastSentAt = clock.now();
  private isFull = false;

  constructor(
    private readonly socket: WebSocket,
    /** Bytes waiting above which a client that does not read is cut off. */
    private readonly maxWaitingBytes: number,
    /** There is room again. */
    private readonly onRoom: () => void,
  ) {}

  get hasRoom(): boolean {
    if (this.socket.bufferedAmount > ROOM_BYTES) this.isFull = true;
    return !this.isFull;
  }

  send(text: string): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    if (this.socket.bufferedAmount > this.maxWaitingBytes) {
      this.socket.terminate();
      return;
    }
    this.lastSentAt = clock.now();
    this.socket.send(text, () => this.noticeRoom());
  }

  /** Without a code: the message before it has told the client what to do. Reasons are Convex's short names. */
  close(code?: 1011 | 1012 | 1013, reason?: string): void {
    this.socket.close(code, reason);
  }

  private noticeRoom(): void {
    if (!this.isFull || this.socket.bufferedAmount > ROOM_BYTES) return;
    this.isFull = false;
    this.onRoom();
  }
}
