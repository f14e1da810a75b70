/**
 * One answer as a reader sees it while it is written: the message and its log, followed as the page does. It checks what it
 * shows: text once shown never shrinks or changes. [G9]
 */
import { api } from "../../convex/_generated/api.js";
import type { Id } from "../../convex/_generated/dataModel.js";
import { mergeParts, textOf } from "../../convex/shared/parts.ts";
import { AnswerFollower } from "../../src/chat/answerFollower.ts";
import { emptyLog } from "../../src/chat/answerLog.ts";
import type { AnswerLog, LogPiece } from "../../src/chat/answerLog.ts";
import type { ChatClient, ChatMessage, Receipt } from "./chatClient.ts";

type Waiter = {
  accept: (text: string) => boolean;
  resolve: (text: string) => void;
  reject: (e: Error) => void;
};

const PAGE = { numItems: 10, cursor: null };

export class AnswerWatcher {
  /** The longest text shown so far. */
  text = "";
  /** The last state of the message. */
  message: ChatMessage | null = null;
  /** Of the answer's log, from where the message says that it begins. */
  private log: AnswerLog = emptyLog(0);
  private follower: { first: number; follow: AnswerFollower } | null = null;
  private newest: LogPiece | null = null;
  /** Calls of `listChunks`. */
  reads = 0;
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
        this.followLog();
        this.update();
      }),
      client.convex.onUpdate(api.streamingResponses.getStreamingResponse, { messageId }, (tail) => {
        this.newest = tail?.tail ? { from: tail.from, to: tail.from + 1, parts: tail.tail } : null;
        if (this.newest) this.follower?.follow.take(this.newest);
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
    this.follower?.follow.close();
    for (const stop of this.stops) stop();
  }

  /** Goes on with the log where the message says that it begins. */
  private followLog(): void {
    const range = this.message?.omittedChunks ?? null;
    if (range === null || this.follower?.first !== range.from) {
      this.follower?.follow.close();
      this.follower = null;
      this.log = emptyLog(range?.from ?? 0);
    }
    if (range === null) return;
    this.follower ??= { first: range.from, follow: this.newFollower(range.from) };
    this.follower.follow.need(range.to);
    if (this.newest && !this.hasEnded) this.follower.follow.take(this.newest);
  }

  private newFollower(first: number): AnswerFollower {
    const { messageId } = this;
    return new AnswerFollower(first, {
      known: emptyLog(first),
      read: async (from, to) => {
        this.reads += 1;
        const pieces = await this.client.convex.query(api.streamingResponses.listChunks, {
          messageId,
          from,
          to,
        });
        return pieces.map(({ index, ...piece }) => ({ from: index, ...piece }));
      },
      onGrowth: (log) => {
        this.log = log;
        this.update();
      },
    });
  }

  private update(): void {
    if (!this.message) return;
    const text = textOf(mergeParts([...this.message.parts, ...this.log.parts]));
    // An answer that has ended while its last rows are on their way: what was shown stays.
    if (this.hasEnded && this.log.next < (this.message.omittedChunks?.to ?? 0)) return;
    if (!text.startsWith(this.text)) {
      this.failure ??= new Error(
        `[G9] shown text was taken back: "…${this.text.slice(-60)}" became "…${text.slice(-60)}"`,
      );
    }
    this.text = text;
    this.onShown(text);
    this.tell();
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
