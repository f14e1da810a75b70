/**
 * One answer as a reader sees it while it is written: message, sealed chunks and live tail, put together as
 * `convex/README.md` says. It checks what it shows: text once shown never shrinks or changes. [G9]
 */
import { api } from "../../convex/_generated/api.js";
import type { Id } from "../../convex/_generated/dataModel.js";
import { mergeParts, textOf } from "../../convex/shared/parts.ts";
import type { Part } from "../../convex/shared/parts.ts";
import type { ChatClient, ChatMessage, Receipt } from "./chatClient.ts";
import type { FunctionReturnType } from "convex/server";

type LiveTail = FunctionReturnType<typeof api.streamingResponses.getStreamingResponse>;
type Waiter = {
  accept: (text: string) => boolean;
  resolve: (text: string) => void;
  reject: (e: Error) => void;
};

const PAGE = { numItems: 10, cursor: null };
/** Most rows that one call of `listChunks` gives. */
const CHUNKS_PER_READ = 256;

export class AnswerWatcher {
  /** The longest text shown so far. */
  text = "";
  /** The last state of the message. */
  message: ChatMessage | null = null;
  private tail: LiveTail = null;
  /** Sealed chunk rows by index: read once, as they never change. */
  private readonly chunks = new Map<number, readonly Part[]>();
  private readonly waiters = new Set<Waiter>();
  private readonly stops: (() => void)[] = [];
  private failure: Error | null = null;

  constructor(
    private readonly client: ChatClient,
    taskId: Id<"tasks">,
    private readonly messageId: Id<"chatMessages">,
    private readonly onShown: (text: string) => void = () => {},
  ) {
    this.stops.push(
      client.convex.onUpdate(api.messages.list, { taskId, paginationOpts: PAGE }, ({ page }) => {
        this.message = page.find(({ _id }) => _id === messageId) ?? null;
        this.update();
      }),
      client.convex.onUpdate(api.streamingResponses.getStreamingResponse, { messageId }, (tail) => {
        this.tail = tail;
        this.update();
      }),
    );
  }

  static of(client: ChatClient, receipt: Receipt, onShown?: (text: string) => void): AnswerWatcher {
    if (receipt.assistantMessageId === null) throw new Error("It waits in the queue");
    return new AnswerWatcher(client, receipt.taskId, receipt.assistantMessageId, onShown);
  }

  get hasEnded(): boolean {
    return this.message?.status === "complete" || this.message?.status === "failed";
  }

  /** Resolves with the shown text once `accept` holds for it; rejects if shown text was ever taken back. */
  untilText(accept: (text: string) => boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      this.waiters.add({ accept, resolve, reject });
      this.tell();
    });
  }

  /** Resolves with the final message, all of whose text is in `text`. */
  async untilEnded(): Promise<ChatMessage> {
    await this.untilText(() => this.hasEnded);
    return this.message!;
  }

  close(): void {
    for (const stop of this.stops) stop();
  }

  private update(): void {
    const parts = this.visibleParts();
    if (parts === null) return;
    const text = textOf(mergeParts(parts));
    if (!text.startsWith(this.text)) {
      this.failure ??= new Error(
        `[G9] shown text was taken back: "…${this.text.slice(-60)}" became "…${text.slice(-60)}"`,
      );
    }
    this.text = text;
    this.onShown(text);
    this.tell();
  }

  /** What is known of the answer, or null while rows are on their way. */
  private visibleParts(): Part[] | null {
    const { message, tail } = this;
    if (!message) return null;
    if (tail && !this.hasEnded) {
      const sealed = this.rows(tail.firstChunk, tail.tailFrom);
      return sealed && [...message.parts, ...sealed, ...tail.tail];
    }
    const omitted = message.omittedChunks;
    const rest = omitted ? this.rows(omitted.from, omitted.to) : [];
    // A live answer whose tail has not arrived yet: what was shown stays.
    if (!this.hasEnded && this.text !== "") return null;
    return rest && [...message.parts, ...rest];
  }

  private rows(from: number, to: number): Part[] | null {
    const parts: Part[] = [];
    for (let index = from; index < to; index++) {
      const row = this.chunks.get(index);
      if (!row) {
        this.fetchRows(index, Math.min(to, index + CHUNKS_PER_READ));
        return null;
      }
      parts.push(...row);
    }
    return parts;
  }

  private fetchRows(from: number, to: number): void {
    const { messageId } = this;
    this.client.convex.query(api.streamingResponses.listChunks, { messageId, from, to }).then(
      (rows) => {
        if (rows.length === 0) return;
        for (const row of rows) this.chunks.set(row.index, row.parts);
        this.update();
      },
      // The connection is gone; the next update asks again.
      () => {},
    );
  }

  private tell(): void {
    for (const waiter of this.waiters) {
      if (this.failure) waiter.reject(this.failure);
      else if (waiter.accept(this.text)) waiter.resolve(this.text);
      else continue;
      this.waiters.delete(waiter);
    }
  }
}
