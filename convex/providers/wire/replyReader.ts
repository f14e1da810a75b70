import { log } from "../../model/log";
import { BROKEN_OFF, type Dialect } from "./dialect";
import { errorWords } from "./errorWords";
import { EventReader, type ServerEvent } from "./eventReader";

/**
 * How long a server may keep the connection open once its answer is complete: the usage comes after the last word. Some close it
 * minutes later, or never.
 */
const AFTER_END_MS = 3_000;

/** How long it may take to close it after its last word: then the connection can be used again. */
const CLOSING_MS = 500;

/**
 * The longest time that words are left unread. An end, a tool call and a lost connection are noticed that much later at most, and what a
 * lost connection takes with it is no older.
 */
const MAX_PAUSE_MS = 250;

/** Skipped events of one stream that the log shows. */
const MAX_LOGGED = 5;

/**
 * Who listens. `onBytes` is told of every byte that is read: a server that sends any is alive. `holdMs`: milliseconds for which words may
 * wait to be given with those that follow; none by default. `onWords`: may tell words by itself that go on from the last value, after
 * `given` characters of words that went before through the SDK; if not, it returns false, and so do they. It is not asked where those
 * cannot be counted.
 */
export type Line = {
  onBytes(): void;
  holdMs?(): number;
  onWords?(words: string, given: number): boolean;
};

/** What the SDK is to be given next: a value, or what the server has refused before it said anything. */
export type Reply = { kind: "value"; value: object } | { kind: "refused"; error: unknown };

/**
 * Reads a server's reply in its dialect, value by value. What cannot be read is skipped and logged; the end is made sure of. An error
 * that comes first is given as it is, so that the request can be repeated as after a status.
 *
 * Words that would only wait for the next flush are left in the connection, and what is read at once is given as one value: each read and
 * each value passes through some twenty stages of streams, which cost several times what the words themselves do.
 *
 * Not here: HTTP (`tolerantFetch.ts`), what bytes are events (`eventReader.ts`), what the events mean (the dialects).
 */
export class ReplyReader {
  readonly #events = new EventReader();
  readonly #source: ReadableStreamDefaultReader<Uint8Array>;
  #ready: object[] = [];
  /** The last value that was given, and the characters of words in all of them; null if they cannot be counted. */
  #last: object | null = null;
  #given: number | null = 0;
  #state: "reading" | "closing" | "over" = "reading";
  #saidAny = false;
  /** When the last value came. */
  #saidAt = 0;
  #skipped = 0;
  #endPause = (): void => undefined;

  /** `signal`: of the request. */
  constructor(
    body: ReadableStream<Uint8Array>,
    private readonly dialect: Dialect,
    private readonly line: Line,
    private readonly signal?: AbortSignal | null,
  ) {
    this.#source = body.getReader();
  }

  /** Null after the end. Rejects when it is aborted; a connection that breaks is a value, behind all that came before. */
  async next(): Promise<Reply | null> {
    for (;;) {
      const value = this.#ready.shift();
      if (value !== undefined) {
        if (this.#isTold(value)) continue;
        this.#saidAny = true;
        this.#last = value;
        this.#count(value);
        return { kind: "value", value };
      }
      if (this.#state === "closing") await this.#close();
      if (this.#state === "reading") await this.#pause();
      if (this.#state === "over") return null;
      const { events, ended } = await this.#read();
      for (const event of events) {
        const refused = this.#take(event);
        if (refused !== null) return refused;
      }
      if (!ended) continue;
      const { stray } = this.#events;
      if (!this.#saidAny && this.#ready.length === 0 && stray !== "") return this.#refuse(stray);
      this.#finish("closed");
    }
  }

  /** The reader is not wanted any more; neither is the server's stream. */
  cancel(reason?: unknown): void {
    this.#state = "over";
    this.#endPause();
    this.#source.cancel(reason).catch(() => undefined);
  }

  #take(event: ServerEvent): Reply | null {
    if (this.#state !== "reading") return null;
    switch (event.kind) {
      case "done":
        this.#finish("done");
        return null;
      case "malformed":
        this.#skip(`no JSON: ${event.text.slice(0, 200)}`);
        return null;
      case "value":
        return this.#takeValue(event.value);
      default:
        return event satisfies never;
    }
  }

  #takeValue(value: unknown): Reply | null {
    const repaired = this.dialect.take(value);
    switch (repaired.kind) {
      case "nothing":
        break;
      case "skipped":
        this.#skip(repaired.why);
        break;
      case "send":
        for (const value of repaired.values) this.#add(value);
        this.#saidAt = Date.now();
        break;
      case "error":
        if (!this.#saidAny && this.#ready.length === 0) return this.#refuse(repaired.error);
        this.#ready.push(this.dialect.failure(repaired.error));
        break;
      default:
        return repaired satisfies never;
    }
    if (this.dialect.state === "over") this.#finish("done");
    return null;
  }

  /** Behind what is ready; words together with those before them. [G8] */
  #add(value: object): void {
    const last = this.#ready.at(-1);
    const both = last === undefined ? null : this.dialect.merged(last, value);
    if (both === null) this.#ready.push(value);
    else this.#ready[this.#ready.length - 1] = both;
  }

  #count(value: object): void {
    if (this.#given === null) return;
    const words = this.dialect.words(value);
    if (words !== null) this.#given += words.length;
    else if (this.dialect.mixesWords(value)) this.#given = null;
  }

  /** Are these words that somebody has told by themselves? */
  #isTold(value: object): boolean {
    if (this.line.onWords === undefined || this.#last === null || this.#given === null) return false;
    const words = this.dialect.words(value);
    if (words === null || this.dialect.merged(this.#last, value) === null) return false;
    return this.line.onWords(words, this.#given);
  }

  /** While words would only wait. Before the first one and after the last there is nothing to wait for. */
  async #pause(): Promise<void> {
    if (!this.#saidAny || this.dialect.state !== "open" || this.signal?.aborted === true) return;
    const ms = Math.min(this.line.holdMs?.() ?? 0, MAX_PAUSE_MS);
    if (ms <= 0) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let end = (): void => undefined;
    await new Promise<void>((resolve) => {
      this.#endPause = end = resolve;
      // For the pause alone: an answer with tools makes many requests, which have one signal.
      this.signal?.addEventListener("abort", end);
      timer = setTimeout(resolve, ms);
    });
    this.signal?.removeEventListener("abort", end);
    clearTimeout(timer);
  }

  #refuse(error: unknown): Reply {
    this.cancel();
    return { kind: "refused", error };
  }

  #finish(by: "done" | "closed"): void {
    this.#ready.push(...this.dialect.end(by));
    this.#state = "closing";
    if (this.#skipped > MAX_LOGGED)
      log("STREAMING", `${this.#skipped} events of the model's stream were skipped`);
  }

  /** Lets the server close the connection itself, for a moment. */
  async #close(): Promise<void> {
    const until = Date.now() + CLOSING_MS;
    try {
      for (;;) {
        const next = await within(until - Date.now(), this.#source.read());
        if (next === "tooLate" || next.done) break;
      }
    } catch {
      // It broke off, after all was said.
    }
    this.cancel();
  }

  #skip(why: string): void {
    this.#skipped += 1;
    if (this.#skipped <= MAX_LOGGED) log("STREAMING", `Skipped an event of the model's stream, ${why}`);
  }

  /** `ended`: there is nothing more, or nothing more that need be waited for. */
  async #read(): Promise<{ events: ServerEvent[]; ended: boolean }> {
    const isComplete = this.dialect.state === "complete";
    try {
      const read = this.#source.read();
      const next = isComplete ? await within(this.#saidAt + AFTER_END_MS - Date.now(), read) : await read;
      if (next === "tooLate") return { events: [], ended: true };
      if (next.done) return { events: this.#events.end(), ended: true };
      this.line.onBytes();
      return { events: this.#events.push(next.value), ended: false };
    } catch (error) {
      if (isAbort(error)) throw error;
      if (!isComplete) {
        this.#ready.push(this.dialect.failure({ code: BROKEN_OFF, message: brokenWords(error) }));
        this.cancel();
      }
      return { events: [], ended: isComplete };
    }
  }
}

const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");

/** Node's `fetch` says "terminated", and why in the cause. */
function brokenWords(error: unknown): string {
  const cause = error instanceof Error ? error.cause : null;
  return (
    errorWords(cause instanceof Error ? cause.message : null) ?? (error instanceof Error ? error.message : "")
  );
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T | "tooLate"> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"tooLate">((resolve) => {
    timer = setTimeout(() => resolve("tooLate"), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
    promise.catch(() => undefined);
  }
}
