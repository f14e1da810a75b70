import type { TextStreamPart, ToolSet } from "ai";
import { NUMBERED } from "../../providers/wire/sources";
import type { RunInput } from "../runs/runInput";
import type { CallToApprove } from "../tools/approvalRows";
import type { StoredPart } from "../validators";
import { ContinuationJoin } from "./continuationJoin";
import type { KeptFile } from "./keepMadeFile";
import { storableSource } from "./storableSource";
import { MAX_STORED_CHARS, storableValue } from "./storableValue";
import { ThinkTags, type Said } from "./thinkTags";
import type { ToolRunner } from "./toolRunner";
import { WholeCharacters } from "./wholeCharacters";

/** Sources of one run that are kept. */
const MAX_SOURCES = 200;

/** A text of the stream that has not ended. Thoughts that its server left in it become a part of their own. */
type OpenText = {
  characters: WholeCharacters;
  /** Null for reasoning, which its server has told apart. */
  tags: ThinkTags | null;
  /** The part that was last added to. */
  part: { type: "text" | "reasoning"; position: number } | null;
  /** Where its first words belong, if there is a place for them. */
  firstAt: number | null;
  /** For words that go on from others. */
  join: ContinuationJoin | null;
};

/** What a fragment says of a call, besides which call it is. */
export type CallChange = Omit<
  Extract<StoredPart, { type: "dynamic-tool" }>,
  "type" | "position" | "toolCallId" | "toolName"
>;

const TOO_LONG_TO_APPROVE = "The input is too long to be shown to the user for approval. Use a shorter one.";

/**
 * Turns what the AI SDK says of a stream into fragments of the answer's log. Each part gets the next position when it
 * begins, so that their order is that of the stream. [G8]
 */
export class PartMapper {
  #nextPosition: number;
  /** Where a continued answer's text goes on; used by the first text, if that is the first thing to come. */
  #continueAt: number | null;
  /** The text that it goes on from. */
  readonly #before: string;
  readonly #positions = new Map<string, number>();
  readonly #openTexts = new Map<string, OpenText>();
  readonly #openCalls = new Map<string, { toolCallId: string; toolName: string }>();
  readonly #toApprove: CallToApprove[] = [];
  /** Where the last thoughts are that have ended. */
  #endedThoughts: number | null = null;
  #sources = 0;
  /** The numbers of pages that tools have found, by their addresses. */
  readonly #cited = new Map<string, number>();
  /** Requests so far: each names its sources anew. */
  #step = 0;
  #said = { words: false, thoughts: false, toolRounds: 0 };

  /** Sources that the answer has from runs before. */
  readonly #earlierSources: number;

  constructor(
    input: Pick<RunInput, "answered" | "lastPosition" | "sources">,
    private readonly toolRunner: ToolRunner,
  ) {
    this.#nextPosition = input.lastPosition + 1;
    this.#earlierSources = input.sources;
    const last = input.answered.at(-1);
    this.#before = last?.type === "text" ? last.text : "";
    this.#continueAt = last?.type === "text" ? input.lastPosition : null;
  }

  /** Are tools at work? Then it is not the provider's turn. */
  get hasOpenCalls(): boolean {
    return this.#openCalls.size > 0;
  }

  /** Calls that a person must approve before the model can go on. */
  get toApprove(): readonly CallToApprove[] {
    return this.#toApprove;
  }

  /** What has been said so far. `toolRounds`: steps in which tools were called. */
  get said(): Readonly<{ words: boolean; thoughts: boolean; toolRounds: number }> {
    return this.#said;
  }

  map(part: TextStreamPart<ToolSet>): StoredPart[] {
    switch (part.type) {
      case "text-start":
        return this.#open(`text ${part.id}`, "text");
      case "reasoning-start":
        return this.#open(`reasoning ${part.id}`, "reasoning");
      case "text-delta":
        return this.#add(`text ${part.id}`, "text", part.text);
      case "reasoning-delta":
        return this.#add(`reasoning ${part.id}`, "reasoning", part.text);
      case "text-end":
        return this.#close(`text ${part.id}`);
      case "reasoning-end":
        return this.#close(`reasoning ${part.id}`);
      case "source":
        return this.#source(part);
      case "tool-input-start":
        return [
          ...this.#release(),
          {
            type: "dynamic-tool",
            position: this.#begin(`tool ${part.id}`),
            toolCallId: part.id,
            toolName: part.toolName,
            state: "pending",
            ...byProvider(part),
            startedAt: Date.now(),
          },
        ];
      case "tool-call":
        this.#openCalls.set(part.toolCallId, part);
        return [
          ...this.#release(),
          this.#tool(part, {
            ...{ state: "running", input: storableValue(part.input), startedAt: Date.now() },
            ...byProvider(part),
          }),
        ];
      case "tool-result": {
        if (part.preliminary) return [];
        this.#openCalls.delete(part.toolCallId);
        return [this.#complete(part, part.output, Date.now())];
      }
      case "tool-error": {
        this.#openCalls.delete(part.toolCallId);
        const errorText = wordsOf(part.error);
        return [this.#tool(part, { state: "failed", errorText, endedAt: Date.now() })];
      }
      case "start-step":
        this.#step += 1;
        return [];
      case "finish-step":
        if (part.finishReason === "tool-calls") this.#said.toolRounds += 1;
        return [];
      case "file":
        // Stored first: see `file`.
        return [];
      case "tool-approval-request":
        this.#openCalls.delete(part.toolCall.toolCallId);
        return [this.#askFor(part.toolCall)];
      case "tool-output-denied":
      case "tool-input-delta":
      case "tool-input-end":
      case "start":
      case "finish":
      case "abort":
      case "error":
      case "raw":
        return [];
      default:
        part satisfies never;
        return [];
    }
  }

  /** A file that the model made; `kept` is what became of it. */
  file(kept: KeptFile): StoredPart[] {
    this.#said.words = true;
    const before = this.#release();
    return [...before, { type: "file", position: this.#begin(`file ${this.#nextPosition}`), ...kept }];
  }

  /**
   * Makes pages that a tool has found sources of the answer. A number is the place of a source among all of the answer; null for one too
   * many. A page that was found before keeps its own.
   */
  cite(pages: readonly { url: string; title: string }[]): {
    numbers: (number | null)[];
    fragments: StoredPart[];
  } {
    const fragments: StoredPart[] = [];
    const numbers = pages.map(({ url, title }) => {
      const known = this.#cited.get(url);
      if (known !== undefined) return known;
      if (this.#sources >= MAX_SOURCES) return null;
      const number = this.#earlierSources + this.#sources + 1;
      const id = `${NUMBERED}${number}`;
      const source = storableSource({ type: "source", sourceType: "url", id, url, title });
      if (source === null) return null;
      this.#sources += 1;
      this.#cited.set(url, number);
      fragments.push({ ...source, position: this.#begin(`cited ${number}`) });
      return number;
    });
    return { numbers, fragments };
  }

  /** A call of the run before, which has its place already. */
  call({ toolCallId, toolName, position }: CallToApprove, change: CallChange): StoredPart {
    this.#positions.set(`tool ${toolCallId}`, position);
    return this.#tool({ toolCallId, toolName }, change);
  }

  /** What is still to be said when the stream is over, however it ended: held text, and tools that were done with just before. */
  end(): StoredPart[] {
    const texts = [...this.#openTexts.keys()].flatMap((key) => this.#close(key));
    const calls = [...this.#openCalls.values()].flatMap((call) => {
      const result = this.toolRunner.result(call.toolCallId);
      return result === null ? [] : [this.#complete(call, result.output, result.endedAt)];
    });
    this.#openCalls.clear();
    return [...texts, ...calls];
  }

  #open(key: string, type: "text" | "reasoning"): StoredPart[] {
    const before = type === "reasoning" ? this.#release() : [];
    const firstAt = type === "text" ? this.#continueAt : null;
    this.#continueAt = null;
    // Thoughts can only be the first that an answer says, and what was there before this run are none.
    const mayTakeBack = firstAt === null && !this.#said.words && !this.#said.thoughts;
    this.#openTexts.set(key, {
      characters: new WholeCharacters(),
      tags: type === "text" ? new ThinkTags({ mayTakeBack }) : null,
      part: null,
      firstAt,
      join: firstAt === null ? null : new ContinuationJoin(this.#before),
    });
    return before;
  }

  #add(key: string, type: "text" | "reasoning", delta: string): StoredPart[] {
    const before = this.#openTexts.has(key) ? [] : this.#open(key, type);
    const open = this.#openTexts.get(key);
    if (open === undefined) return before;
    const text = open.characters.push(delta);
    return [...before, ...this.#say(open, open.tags?.push(text) ?? [{ kind: "reasoning", text }])];
  }

  #close(key: string): StoredPart[] {
    const open = this.#openTexts.get(key);
    if (open === undefined) return [];
    this.#openTexts.delete(key);
    const rest = open.characters.end();
    const { tags } = open;
    const said = tags ? [...tags.push(rest), ...tags.end()] : [{ kind: "reasoning" as const, text: rest }];
    return [...this.#say(open, said), ...this.#sayHeld(open), ...this.#endThoughts(open)];
  }

  /** Something else begins: what texts hold back comes before it. */
  #release(): StoredPart[] {
    return [...this.#openTexts.values()].flatMap((open) => [
      ...this.#say(open, open.tags?.end() ?? []),
      ...this.#sayHeld(open),
    ]);
  }

  #say(open: OpenText, said: readonly Said[]): StoredPart[] {
    return said.flatMap((piece): StoredPart[] => {
      if (piece.kind === "thoughts") return this.#takeBack(open);
      const { kind: type } = piece;
      const text = type === "text" && open.join ? open.join.push(piece.text) : piece.text;
      if (text === "") return [];
      if (text.trim() !== "") this.#said[type === "text" ? "words" : "thoughts"] = true;
      if (open.part?.type === type) return [{ ...open.part, text }];
      const before = this.#endThoughts(open);
      if (type === "reasoning") return [...before, this.#beginThoughts(open, text)];
      open.part = { type, position: open.firstAt ?? this.#nextPosition++ };
      open.firstAt = null;
      return [...before, { ...open.part, text }];
    });
  }

  /** What was held back because it might be a repetition. */
  #sayHeld(open: OpenText): StoredPart[] {
    const text = open.join?.end() ?? "";
    open.join = null;
    return text === "" ? [] : this.#say(open, [{ kind: "text", text }]);
  }

  /** Summaries of thoughts come as several texts: with nothing between them they are one part. */
  #beginThoughts(open: OpenText, text: string): StoredPart {
    const position = this.#endedThoughts;
    if (position !== null && position === this.#nextPosition - 1) {
      open.part = { type: "reasoning", position };
      return { ...open.part, text: `\n\n${text}` };
    }
    open.part = { type: "reasoning", position: this.#nextPosition++ };
    return { ...open.part, text, startedAt: Date.now() };
  }

  #endThoughts({ part }: OpenText): StoredPart[] {
    if (part?.type !== "reasoning") return [];
    this.#endedThoughts = part.position;
    return [{ type: "reasoning", position: part.position, text: "", endedAt: Date.now() }];
  }

  /** The part that was text is reasoning from now on: a fragment without text says so. See `mergeParts`. */
  #takeBack(open: OpenText): StoredPart[] {
    const { part } = open;
    open.part = null;
    if (part?.type !== "text") return [];
    this.#said.words = false;
    this.#said.thoughts = true;
    return [{ type: "reasoning", position: part.position, text: "" }];
  }

  /** A source that is told again, with its title, keeps its place. */
  #source(source: Extract<TextStreamPart<ToolSet>, { type: "source" }>): StoredPart[] {
    const fragment = storableSource(source);
    if (fragment === null) return [];
    const key = `source ${this.#step} ${fragment.sourceId}`;
    const known = this.#positions.get(key);
    if (known === undefined && this.#sources >= MAX_SOURCES) return [];
    if (known === undefined) this.#sources += 1;
    else if (fragment.title === undefined) return [];
    return [{ ...fragment, position: known ?? this.#begin(key) }];
  }

  #begin(key: string): number {
    const position = this.#nextPosition++;
    this.#continueAt = null;
    this.#positions.set(key, position);
    return position;
  }

  /** A person sees all that they approve: what is too long to be shown is not asked for. */
  #askFor(call: { toolCallId: string; toolName: string; input: unknown }): StoredPart {
    const { toolCallId, toolName } = call;
    const input = JSON.stringify(call.input ?? {});
    if (input.length > MAX_STORED_CHARS) {
      return this.#tool(call, { state: "failed", errorText: TOO_LONG_TO_APPROVE, endedAt: Date.now() });
    }
    const part = this.#tool(call, { state: "awaitingApproval" });
    this.#toApprove.push({ toolCallId, toolName, position: part.position, input });
    return part;
  }

  #complete(call: { toolCallId: string; toolName: string }, output: unknown, endedAt: number): StoredPart {
    const state = this.toolRunner.outcome(call.toolCallId);
    return this.#tool(call, { state, output: storableValue(readable(output)), endedAt });
  }

  #tool(call: { toolCallId: string; toolName: string }, change: CallChange): StoredPart {
    const { toolCallId, toolName } = call;
    const key = `tool ${toolCallId}`;
    return {
      type: "dynamic-tool",
      position: this.#positions.get(key) ?? this.#begin(key),
      toolCallId,
      toolName,
      ...change,
    };
  }
}

const byProvider = ({ providerExecuted }: { providerExecuted?: boolean | undefined }) =>
  providerExecuted === true ? { providerExecuted } : {};

/** Providers tell of their own tools' errors by values. */
function wordsOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  return typeof error === "string" ? error : JSON.stringify(storableValue(error));
}

/** Without what Anthropic encrypts of each page for its own later use: nobody can read it, and it would fill the place of what they can. */
const readable = (output: unknown): unknown =>
  Array.isArray(output)
    ? output.map((item: unknown) => {
        if (typeof item !== "object" || item === null || !("encryptedContent" in item)) return item;
        const { encryptedContent: _, ...rest } = item;
        return rest;
      })
    : output;
