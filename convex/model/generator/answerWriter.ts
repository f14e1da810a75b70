import { internal } from "../../_generated/api";
import { sizeOf } from "../../shared/parts";
import { cutText } from "../../shared/text";
import { MAX_FLUSH_CHARS } from "../settings";
import type { RunReply, StoredPart } from "../validators";
import type { GeneratorCtx } from "./generatorCtx";
import { withRetries } from "./withRetries";

/**
 * Writes an answer to the database while it is generated.
 *
 * One write at a time: what arrives meanwhile waits in the buffer. The first token goes at once, then flushes keep a distance that
 * grows with the answer, since each costs the same however little it carries. In silence heartbeats ask whether the run is
 * still live. A write that failed is repeated with the same `flushSeq`, which the database takes once.
 *
 * Not here: what the fragments mean (`partMapper.ts`), and the end of the run (`generateAnswer.ts`).
 */

/**
 * Distance between flushes, milliseconds, for answers up to so many characters. A flush writes about 300 bytes besides its text: at
 * 50 tokens a second these distances keep an answer of 40 KB below 5 bytes written per byte (`npm run bench`).
 */
const FLUSH_INTERVALS: readonly { upTo: number; ms: number }[] = [
  { upTo: 1_000, ms: 100 },
  { upTo: 4_000, ms: 250 },
  { upTo: 64_000, ms: 600 },
  { upTo: Infinity, ms: 1_000 },
];

/** Longest time without a write: it bounds how long a Stop takes to reach a silent provider. */
const HEARTBEAT_MS = 1_000;

type Batch = { flushSeq: number; parts: StoredPart[] };

export type WriterEvents = {
  /** The run has ended; nothing more will be written. */
  onEnded(reply: Extract<RunReply, { state: "ended" }>): void;
  onCancelledTools(toolCallIds: string[]): void;
  /** A write failed for good. */
  onFailure(error: unknown): void;
};

export class AnswerWriter {
  #buffer: StoredPart[] = [];
  #chars = 0;
  #lastFlushAt = -Infinity;
  #lastContactAt = Date.now();
  #state: "open" | "over" = "open";
  /** One loop does all writes, so that there is never more than one under way. */
  #loop: Promise<void> | null = null;
  #wake: () => void = () => undefined;

  constructor(
    private readonly ctx: GeneratorCtx,
    private readonly runId: string,
    private flushSeq: number,
    private readonly events: WriterEvents,
  ) {}

  start(): void {
    this.#loop = this.#run();
  }

  push(fragment: StoredPart): void {
    const last = this.#buffer.at(-1);
    if (last && isText(last) && isText(fragment) && last.position === fragment.position) {
      this.#buffer[this.#buffer.length - 1] = { ...last, text: last.text + fragment.text };
    } else {
      this.#buffer.push(fragment);
    }
    this.#chars += sizeOf(fragment);
    this.#wake();
  }

  /** Ends the loop, its timers and the write under way. Never rejects. */
  async settle(): Promise<void> {
    this.#state = "over";
    this.#wake();
    await this.#loop;
  }

  /** After `settle`: writes all but the last batch, which goes with the run's end. */
  async takeRest(): Promise<Batch> {
    for (;;) {
      const batch = this.#takeBatch();
      if (this.#buffer.length === 0) return batch;
      const reply = await withRetries(this.runId, () => this.#write(batch));
      if (reply.state === "ended") this.#buffer = [];
    }
  }

  async #run(): Promise<void> {
    while (this.#state === "open") {
      const now = Date.now();
      const flushAt = this.#buffer.length === 0 ? Infinity : this.#lastFlushAt + this.#interval();
      const beatAt = this.#lastContactAt + HEARTBEAT_MS;
      if (flushAt <= now) await this.#flush(now);
      else if (beatAt <= now) await this.#send(() => this.#heartbeat());
      else await this.#sleep(Math.min(flushAt, beatAt) - now);
    }
  }

  #interval(): number {
    return FLUSH_INTERVALS.find(({ upTo }) => this.#chars <= upTo)?.ms ?? 0;
  }

  /** Until the time has passed or something was pushed. */
  async #sleep(ms: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
  }

  async #flush(now: number): Promise<void> {
    const batch = this.#takeBatch();
    // What does not fit into one flush follows without a pause.
    this.#lastFlushAt = this.#buffer.length > 0 ? -Infinity : now;
    await this.#send(() => this.#write(batch));
  }

  #heartbeat(): Promise<RunReply> {
    return this.ctx.runMutation(internal.streamingResponses.heartbeat, { runId: this.runId });
  }

  async #send(write: () => Promise<RunReply>): Promise<void> {
    try {
      const reply = await withRetries(this.runId, write);
      this.#lastContactAt = Date.now();
      if (reply.state === "ended") {
        this.#state = "over";
        this.events.onEnded(reply);
      } else if (reply.cancelledToolCalls.length > 0) {
        this.events.onCancelledTools(reply.cancelledToolCalls);
      }
    } catch (error) {
      this.#state = "over";
      this.events.onFailure(error);
    }
  }

  #write(batch: Batch): Promise<RunReply> {
    const hasTools = batch.parts.some((part) => part.type === "dynamic-tool");
    const { updateToolExecution, updateStreamingContent } = internal.streamingResponses;
    const mutation = hasTools ? updateToolExecution : updateStreamingContent;
    return this.ctx.runMutation(mutation, { runId: this.runId, ...batch });
  }

  /** The next batch of at most `MAX_FLUSH_CHARS` characters of text, or one larger fragment that cannot be divided. */
  #takeBatch(): Batch {
    const parts: StoredPart[] = [];
    let room = MAX_FLUSH_CHARS;
    while (this.#buffer.length > 0) {
      const next = this.#buffer[0];
      if (next === undefined) break;
      const size = sizeOf(next);
      if (size <= room) {
        parts.push(next);
        this.#buffer.shift();
        room -= size;
        continue;
      }
      if (isText(next) && room > 1) {
        const text = cutText(next.text, room);
        parts.push({ ...next, text });
        this.#buffer[0] = { ...next, text: next.text.slice(text.length) };
      } else if (parts.length === 0) {
        parts.push(next);
        this.#buffer.shift();
      }
      break;
    }
    this.flushSeq += 1;
    return { flushSeq: this.flushSeq, parts };
  }
}

function isText(part: StoredPart): part is Extract<StoredPart, { text: string }> {
  return part.type === "text" || part.type === "reasoning";
}
