import { internal } from "../../_generated/api";
import { mergeParts, sizeOf } from "../../shared/parts";
import { cutText } from "../../shared/text";
import { flushMs, MAX_FLUSH_CHARS, MAX_PAGED_ROW_CHARS, PAGE_ROWS } from "../settings";
import type { RunInput } from "../runs/runInput";
import { withCancelled } from "../runs/toolFragments";
import type { KeptStep, RunReply, StoredPart } from "../validators";
import type { GeneratorCtx } from "./generatorCtx";
import { withRetries } from "./withRetries";

/**
 * Writes an answer to the database while it is generated.
 *
 * One write at a time: what arrives meanwhile waits in the buffer, so that flushes never pile up. The first token goes at once, then
 * flushes keep a distance, since each costs the same however little it carries. In silence heartbeats ask whether the run is
 * still live. A write that failed is repeated with the same `flushSeq`, which the database takes once. Now and then a flush carries a
 * page: the rows since the last one, which the database then need not read for it.
 *
 * Not here: what the fragments mean (`partMapper.ts`), and the end of the run (`generateAnswer.ts`).
 */

/**
 * Distance between flushes, milliseconds, for answers up to so many characters, where `VERBATIM_FLUSH_MS` does not name it. A flush
 * writes about 190 bytes besides its text and calls two functions: at 50 tokens a second these distances keep an answer of 40 KB
 * below 5 bytes written per byte (`npm run bench`).
 */
const FLUSH_INTERVALS: readonly { upTo: number; ms: number }[] = [
  { upTo: 1_000, ms: 100 },
  { upTo: 4_000, ms: 250 },
  { upTo: 64_000, ms: 600 },
  { upTo: Infinity, ms: 1_000 },
];

/**
 * Where it names the distance, it is this much larger once an answer has so many characters: with 110 ms an answer of 40 KB then stays far
 * below 12 bytes written per byte, and one of 4 KB reads no more than with `@convex-dev/agent`.
 */
const LONG_ANSWER_CHARS = 5_000;
const LONG_ANSWER_FACTOR = 1.45;

/**
 * Milliseconds before and after the time of a flush in which the next fragment makes it: then that fragment does not wait for the flush
 * after, and the flush carries it for nothing.
 */
const FLUSH_SLACK_MS = 10;

/**
 * Where it names the distance, a busy machine stretches it to this many times what a flush takes at the moment: many answers then make
 * fewer and larger flushes instead of a queue of them.
 */
const FLUSH_TIME_FACTOR = 6;
/** The longest stretch, as a multiple of the distance: with 110 ms, text waits a quarter of a second. */
const MAX_STRETCH = 2.25;
/** Weight of the newest flush in the moving average of how long one takes. */
const NEWEST_WEIGHT = 0.2;
/** Milliseconds, and a multiple of that average, as which a flush counts at most: a single slow one says nothing of the next. */
const OUTLIER_MS = 10;
const OUTLIER_FACTOR = 2;

/** Rows at the end of a run that are worth a page of their own. */
const MIN_LAST_PAGE_ROWS = 4;

/** Longest time without a write: it bounds how long a Stop takes to reach a silent provider. */
const HEARTBEAT_MS = 1_000;

type Batch = { flushSeq: number; parts: StoredPart[] };

type Page = { from: number; parts: StoredPart[] };

/** The rows of the log since the last page: the first one, their number, and what they hold. */
type UnpagedRows = { from: number; count: number; chars: number; parts: StoredPart[] };

const noRows = (from: number): UnpagedRows => ({ from, count: 0, chars: 0, parts: [] });

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
  /** Moving average of how long a flush takes, milliseconds. */
  #flushTime = 0;
  /** When the newest fragment came. */
  #pushedAt = -Infinity;
  #unpaged: UnpagedRows;
  /** Where the next flush goes on. */
  #after: { row: number; seenLiveAt: number } | undefined;
  /** A flush that has not been answered. */
  #unanswered: (() => Promise<RunReply>) | null = null;
  readonly #cancelledTools = new Set<string>();
  readonly #distance = flushMs();
  #lastContactAt = Date.now();
  #state: "open" | "over" = "open";
  #stepToKeep: () => KeptStep | undefined = () => undefined;
  /** One loop does all writes, so that there is never more than one under way. */
  #loop: Promise<void> | null = null;
  #wake: () => void = () => undefined;

  constructor(
    private readonly ctx: GeneratorCtx,
    private readonly run: { runId: string; answer: RunInput["answer"] },
    private flushSeq: number,
    private readonly events: WriterEvents,
  ) {
    // The first flush has the next number, and writes the row before it.
    this.#unpaged = noRows(flushSeq);
  }

  start(): void {
    this.#loop = this.#run();
  }

  push(fragment: StoredPart): void {
    const last = this.#buffer.at(-1);
    if (last && isText(last) && last.type === fragment.type && last.position === fragment.position) {
      this.#buffer[this.#buffer.length - 1] = { ...last, ...fragment, text: last.text + fragment.text };
    } else {
      this.#buffer.push(fragment);
    }
    this.#chars += sizeOf(fragment);
    this.#pushedAt = Date.now();
    this.#wake();
  }

  /** `step` is asked with each write what is to be kept of the step that the model is in: it goes with the write. */
  keepSteps(step: () => KeptStep | undefined): void {
    this.#stepToKeep = step;
  }

  /** Milliseconds after which a fragment makes the next flush; 0 if one pushed now would. */
  waitMs(): number {
    // A timer may be a millisecond early.
    const ms = this.#lastFlushAt + this.#interval() - FLUSH_SLACK_MS + 1 - Date.now();
    return Math.max(0, ms);
  }

  /** Ends the loop, its timers and the write under way. Never rejects. */
  async settle(): Promise<void> {
    this.#state = "over";
    this.#wake();
    await this.#loop;
  }

  /**
   * After `settle`: writes all but the last batch, which goes with the run's end. A flush that had failed for good comes first, and as it
   * was, since it may have been stored: without it there would be a hole before what is written now. [G8]
   */
  async takeRest(): Promise<Batch & { page?: Page; step?: KeptStep }> {
    if (this.#unanswered) await this.#write(this.#unanswered);
    for (;;) {
      const batch = this.#takeBatch();
      if (this.#buffer.length === 0) {
        const page = this.#page(MIN_LAST_PAGE_ROWS);
        const step = this.#stepToKeep();
        return { ...batch, ...(page && { page }), ...(step && { step }) };
      }
      await this.#writeBatch(batch);
    }
  }

  async #run(): Promise<void> {
    while (this.#state === "open") {
      const now = Date.now();
      const flushAt = this.#flushAt();
      const beatAt = this.#lastContactAt + HEARTBEAT_MS;
      if (flushAt <= now) await this.#flush(now);
      else if (beatAt <= now) await this.#send(() => withRetries(this.run.runId, () => this.#heartbeat()));
      else await this.#sleep(Math.min(flushAt, beatAt) - now);
    }
  }

  /** When what is in the buffer is due. */
  #flushAt(): number {
    if (this.#buffer.length === 0) return Infinity;
    const dueAt = this.#lastFlushAt + this.#interval();
    return this.#pushedAt >= dueAt - FLUSH_SLACK_MS ? this.#pushedAt : dueAt + FLUSH_SLACK_MS;
  }

  #interval(): number {
    const ms = this.#distance;
    if (ms === null) return FLUSH_INTERVALS.find(({ upTo }) => this.#chars <= upTo)?.ms ?? 0;
    const quiet = this.#chars <= LONG_ANSWER_CHARS ? ms : ms * LONG_ANSWER_FACTOR;
    return Math.max(quiet, Math.min(this.#flushTime * FLUSH_TIME_FACTOR, ms * MAX_STRETCH));
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
    await this.#send(() => this.#writeBatch(batch));
    const tookMs = Math.min(Date.now() - now, OUTLIER_MS + OUTLIER_FACTOR * this.#flushTime);
    this.#flushTime += NEWEST_WEIGHT * (tookMs - this.#flushTime);
  }

  #heartbeat(): Promise<RunReply> {
    return this.ctx.runMutation(internal.streamingResponses.heartbeat, { runId: this.run.runId });
  }

  async #send(write: () => Promise<RunReply>): Promise<void> {
    try {
      const reply = await write();
      this.#lastContactAt = Date.now();
      if (reply.state === "ended") {
        this.#state = "over";
        this.events.onEnded(reply);
      } else if (reply.cancelledToolCalls.length > 0) {
        for (const id of reply.cancelledToolCalls) this.#cancelledTools.add(id);
        this.events.onCancelledTools(reply.cancelledToolCalls);
      }
    } catch (error) {
      this.#state = "over";
      this.events.onFailure(error);
    }
  }

  #writeBatch({ flushSeq, parts }: Batch): Promise<RunReply> {
    const hasTools = parts.some((part) => part.type === "dynamic-tool");
    const { updateToolExecution, updateStreamingContent } = internal.streamingResponses;
    const mutation = hasTools ? updateToolExecution : updateStreamingContent;
    const page = this.#takePage(parts);
    const step = this.#stepToKeep();
    const after = this.#after;
    const flush = {
      ...{ ...this.run, flushSeq, parts },
      ...(after && { after }),
      ...(page && { page }),
      ...(step && { step }),
    };
    return this.#write(() => this.ctx.runMutation(mutation, flush));
  }

  async #write(write: () => Promise<RunReply>): Promise<RunReply> {
    this.#unanswered = write;
    const reply = await withRetries(this.run.runId, write);
    this.#unanswered = null;
    if (reply.state === "live") this.#noteRows(reply);
    else this.#buffer = [];
    return reply;
  }

  #noteRows({ rows, seenLiveAt }: Extract<RunReply, { state: "live" }>): void {
    if (rows === undefined || seenLiveAt === undefined) return;
    this.#after = { row: rows, seenLiveAt };
    if (this.#unpaged.count >= PAGE_ROWS) this.#unpaged = noRows(rows);
  }

  /** Takes note of a row, and makes the page that goes with it, when enough have come since the last one. */
  #takePage(parts: StoredPart[]): Page | undefined {
    const rows = this.#unpaged;
    rows.count += 1;
    rows.chars += parts.reduce((sum, part) => sum + sizeOf(part), 0);
    rows.parts.push(...parts);
    return this.#page(PAGE_ROWS);
  }

  /** The rows since the last page in one, if there are so many and they are small. */
  #page(minRows: number): Page | undefined {
    const { from, count, chars, parts } = this.#unpaged;
    if (count < minRows || chars > count * MAX_PAGED_ROW_CHARS) return undefined;
    return { from, parts: withCancelled(this.#cancelledTools, mergeParts(parts)) };
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
    return { flushSeq: this.flushSeq, parts: mergeParts(parts) };
  }
}

function isText(part: StoredPart): part is Extract<StoredPart, { text: string }> {
  return part.type === "text" || part.type === "reasoning";
}
