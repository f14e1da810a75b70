import { MAX_CHUNKS_PER_READ } from "../../convex/shared/limits";
import { emptyLog, withPiece, type AnswerLog, type LogPiece } from "./answerLog.ts";

/** ms before rows that could not be read are requested again. */
const RETRY_MS = 2_000;

export interface FollowerOptions {
  /** What is known already; used if it belongs to the same log. */
  readonly known: AnswerLog;
  /** Reads rows of the log, `from` included, `to` not: see `streamingResponses.listChunks`. */
  readonly read: (from: number, to: number) => Promise<readonly LogPiece[]>;
  /** The log has grown. */
  readonly onGrowth: (log: AnswerLog) => void;
}

/**
 * Follows the log of an answer. A new row is appended as it arrives, without a read. What is missing (the beginning, on a page opened in
 * the middle; rows skipped on a slow or lost connection) is read once, in one stretch, while newer rows wait for it. The log only ever
 * grows. [G9]
 */
export class AnswerFollower {
  #log: AnswerLog;
  #shown: AnswerLog;
  /** Rows that have arrived although rows before them are missing, in order. */
  #waiting: LogPiece[] = [];
  /** Rows below this exist and are wanted. */
  #wanted: number;
  #state: "idle" | "reading" | "pausing" | "closed" = "idle";
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    first: number,
    private readonly options: FollowerOptions,
  ) {
    this.#log = options.known.first === first ? options.known : emptyLog(first);
    this.#shown = this.#log;
    this.#wanted = first;
  }

  /** Takes a row that has arrived. */
  take(row: LogPiece): void {
    if (row.to > (this.#waiting.at(-1)?.to ?? this.#log.next)) this.#waiting.push(row);
    this.#wanted = Math.max(this.#wanted, row.from);
    this.#advance();
  }

  /** Makes sure that rows below `to` are read. */
  need(to: number): void {
    this.#wanted = Math.max(this.#wanted, to);
    this.#advance();
  }

  close(): void {
    this.#state = "closed";
    clearTimeout(this.#retry);
  }

  /** Appends what fits, reports it, and reads what is missing before the rest. */
  #advance(): void {
    if (this.#state === "closed") return;
    for (let row = this.#waiting[0]; row !== undefined; row = this.#waiting[0]) {
      const log = withPiece(this.#log, row);
      if (log === null && row.from > this.#log.next) break;
      // A row inside a page that has been read is known already.
      if (log !== null) this.#log = log;
      this.#waiting.shift();
    }
    if (this.#log.next > this.#shown.next) {
      this.#shown = this.#log;
      this.options.onGrowth(this.#shown);
    }
    if (this.#state === "idle" && this.#log.next < this.#wanted) void this.#read();
  }

  async #read(): Promise<void> {
    this.#state = "reading";
    const from = this.#log.next;
    const to = Math.min(this.#waiting[0]?.from ?? this.#wanted, this.#wanted, from + MAX_CHUNKS_PER_READ);
    const pieces = await this.options.read(from, to).catch(() => []);
    if (this.#hasClosed()) return;
    for (const piece of pieces) if (!this.#add(piece)) break;
    if (pieces.length > 0) {
      this.#state = "idle";
      this.#advance();
      return;
    }
    this.#state = "pausing";
    this.#retry = setTimeout(() => {
      this.#state = "idle";
      this.#advance();
    }, RETRY_MS);
  }

  #hasClosed(): boolean {
    return this.#state === "closed";
  }

  /** False if the piece begins inside what is known: some time after the end there are pages instead of single rows. */
  #add(piece: LogPiece): boolean {
    // A row that was requested and did not come does not exist.
    const log = withPiece(this.#log, { ...piece, from: Math.min(piece.from, this.#log.next) });
    // Then the log is read anew, and shown once it is longer.
    this.#log = log ?? emptyLog(this.#log.first);
    return log !== null;
  }
}
