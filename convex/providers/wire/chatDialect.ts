import { isEnd, meaningOf } from "../../model/generator/finishWords";
import { repairedDelta, textOfContent, type Delta } from "./chatDelta";
import { BROKEN_OFF, NOTHING, skippedValue, type Dialect, type Repaired } from "./dialect";
import { errorIn } from "./errorIn";
import { errorCode, errorStatus, errorWords } from "./errorWords";
import { asArray, asNumber, asRecord, asText, numbersOf, type JsonRecord } from "./json";
import { ImageReader, type MadeImage } from "./images";
import { SourceReader, type WebSource } from "./sources";

/**
 * Chat completions, as the servers send them that call themselves compatible. Each chunk is made anew from what can be read of it, so
 * that the SDK's schema, of which one wrong field fails the whole answer, never sees another one. The finish reason and the usage are
 * kept and sent last: until then either may be said again, or be taken back by more text.
 */
export class ChatDialect implements Dialect {
  #finish: string | null = null;
  #usage: JsonRecord | null = null;
  #said: { text: boolean; toolCalls: boolean; refusal: boolean } = {
    text: false,
    toolCalls: false,
    refusal: false,
  };
  #failed = false;
  /** Tool calls whose server numbers none of them, by their id. */
  readonly #toolIndexes = new Map<string, number>();
  readonly #sources = new SourceReader();
  readonly #images = new ImageReader();

  /** `details`: signed thoughts are passed on as OpenRouter has them, whose package reads them. */
  constructor(private readonly options: { details?: boolean } = {}) {}

  get state(): Dialect["state"] {
    if (this.#failed) return "over";
    return this.#finish !== null && isEnd(this.#finish) ? "complete" : "open";
  }

  take(value: unknown): Repaired {
    const chunk = asRecord(value);
    const error = errorIn(value);
    if (error !== null)
      return this.state === "complete"
        ? skippedValue("an error after the end", error)
        : { kind: "error", error };
    if (chunk === null) return skippedValue("no object", value);
    const usage = repairedUsage(chunk.usage ?? asRecord(chunk.x_groq)?.usage);
    if (usage !== null) this.#usage = usage;
    const choice = Array.isArray(chunk.choices) ? ownChoice(chunk.choices) : null;
    const sources = this.#sources.read(chunk, choice);
    const images = this.#images.read(choice);
    const taken = this.#takeWords(chunk, choice, usage !== null);
    return sources.length + images.length === 0 ? taken : withExtras(taken, sources, images);
  }

  #takeWords(chunk: JsonRecord, choice: JsonRecord | null, hasUsage: boolean): Repaired {
    if (choice !== null) return this.#takeChoice(chunk, choice);
    const isKnown = Array.isArray(chunk.choices) || hasUsage || chunk.type === "ping";
    return isKnown ? NOTHING : skippedValue("no choices", chunk);
  }

  end(by: "done" | "closed"): object[] {
    if (this.#failed) return [];
    if (this.#finish === null && by === "closed") return [this.failure({ code: BROKEN_OFF })];
    const reason = this.#finish ?? (this.#said.toolCalls ? "tool_calls" : "stop");
    // Models refuse with an ordinary finish reason.
    const finish = this.#said.refusal && meaningOf(reason) === "finished" ? "refusal" : reason;
    return [
      {
        choices: [{ index: 0, delta: {}, finish_reason: finish }],
        ...(this.#usage && { usage: this.#usage }),
      },
    ];
  }

  merged(one: object, other: object): object | null {
    const before = wordsOnly(one);
    const after = wordsOnly(other);
    if (before === null || after === null || before.name !== after.name) return null;
    const [choice] = asArray((one as JsonRecord).choices);
    return {
      ...one,
      choices: [{ ...asRecord(choice), delta: { [before.name]: before.words + after.words } }],
    };
  }

  words(value: object): string | null {
    return wordsOnly(value)?.words ?? null;
  }

  mixesWords(value: object): boolean {
    const deltas = asArray((value as JsonRecord).choices).map((choice) => asRecord(asRecord(choice)?.delta));
    return deltas.some((delta) => delta !== null && WORDS.some((name) => name in delta));
  }

  failure(error: unknown): object {
    this.#failed = true;
    return { error: chatError(error) };
  }

  #takeChoice(chunk: JsonRecord, choice: JsonRecord): Repaired {
    const finish = finishReason(choice.finish_reason ?? choice.native_finish_reason);
    // A plain reply is whole, whether it says so or not.
    const isWhole = finish === null && choice.delta === undefined && asRecord(choice.message) !== null;
    if (finish !== null || isWhole) this.#finish = finish ?? "stop";
    const details = this.options.details === true ? signedThoughts(choice) : [];
    const delta = repairedDelta(this.#wordsOf(choice), this.#toolIndexes) ?? (details.length > 0 ? {} : null);
    if (delta === null)
      return finish === null && !("delta" in choice) ? skippedValue("no delta", choice) : NOTHING;
    const { refusal, ...rest } = delta;
    const told = this.options.details === true ? withDetails(rest, details) : rest;
    this.#said.refusal ||= refusal !== undefined;
    this.#said.text ||=
      rest.content !== undefined || rest.reasoning_content !== undefined || refusal !== undefined;
    this.#said.toolCalls ||= rest.tool_calls !== undefined;
    const content = `${rest.content ?? ""}${refusal ?? ""}`;
    const { id, model } = chunk;
    return {
      kind: "send",
      values: [
        {
          ...(typeof id === "string" && { id }),
          ...(typeof model === "string" && { model }),
          choices: [{ index: 0, delta: { ...told, ...(content !== "" && { content }) } }],
        },
      ],
    };
  }

  /** Some servers say everything once more in their last chunk, as `message`; others send nothing but that. */
  #wordsOf(choice: JsonRecord): JsonRecord | null {
    const delta = asRecord(choice.delta);
    const message = asRecord(choice.message);
    const isNew = !this.#said.text && !this.#said.toolCalls;
    if (message !== null && isNew && (delta === null || textOfContent(delta.content) === "")) return message;
    if (delta !== null) return delta;
    // The completions API before chat.
    return typeof choice.text === "string" ? { content: choice.text } : null;
  }
}

/** Signed thoughts as OpenRouter has them: the servers behind it want them back with what tools gave. */
function signedThoughts(choice: JsonRecord): JsonRecord[] {
  const said = asRecord(choice.delta) ?? asRecord(choice.message);
  return asArray(said?.reasoning_details)
    .map(asRecord)
    .filter((detail) => detail !== null)
    .filter(({ type }) => /^reasoning\.(text|summary|encrypted)$/.test(asText(type) ?? ""));
}

/** Thoughts by OpenRouter's names. */
function withDetails(
  { reasoning_content: thoughts, ...words }: Omit<Delta, "refusal">,
  details: readonly JsonRecord[],
): object {
  return {
    ...words,
    ...(thoughts !== undefined && { reasoning: thoughts }),
    ...(details.length > 0 && { reasoning_details: details }),
  };
}

const WORDS = ["content", "reasoning_content", "reasoning", "reasoning_details"];

/** The words of a chunk that was made anew, if it holds nothing else. */
function wordsOnly(chunk: JsonRecord | object): { name: string; words: string } | null {
  const [choice, ...others] = asArray((chunk as JsonRecord).choices).map(asRecord);
  const delta = asRecord(choice?.delta);
  if (!choice || delta === null || others.length > 0 || "usage" in chunk || "finish_reason" in choice)
    return null;
  const [entry, ...more] = Object.entries(delta);
  if (entry === undefined || more.length > 0) return null;
  const [name, words] = entry;
  const isText = name === "content" || name === "reasoning_content" || name === "reasoning";
  return isText && typeof words === "string" ? { name, words } : null;
}

/** Sources come before the words that name them, pictures behind those that announce them. `chatExtras.ts` makes parts of them. */
function withExtras(taken: Repaired, sources: WebSource[], images: MadeImage[]): Repaired {
  const extras = (some: Partial<ChatExtras>): ChatExtras[] => [
    { choices: [], verbatim_sources: [], verbatim_images: [], ...some },
  ];
  return {
    kind: "send",
    values: [
      ...(sources.length > 0 ? extras({ verbatim_sources: sources }) : []),
      ...(taken.kind === "send" ? taken.values : []),
      ...(images.length > 0 ? extras({ verbatim_images: images }) : []),
    ],
  };
}

/** A chunk with what the SDK's schema of a chunk has no place for. */
export type ChatExtras = { choices: []; verbatim_sources: WebSource[]; verbatim_images: MadeImage[] };

/** Status and code go with the words, so that it can be said what to do. The SDK's schema has no place for the status but `param`. */
function chatError(error: unknown): object {
  const status = errorStatus(error);
  const isBrokenOff = asRecord(error)?.code === BROKEN_OFF;
  return {
    message: [isBrokenOff ? BROKEN_OFF : "", errorWords(error) ?? ""].join(" ").trim(),
    type: errorCode(error),
    code: asText(asRecord(error)?.code),
    param: status,
  };
}

/** The first choice; others are asked for by nobody. */
function ownChoice(choices: readonly unknown[]): JsonRecord | null {
  const records = choices.map(asRecord).filter((choice) => choice !== null);
  return records.find(({ index }) => (asNumber(index) ?? 0) === 0) ?? null;
}

/** Null while the answer goes on: some servers send an empty text or the word "null". */
function finishReason(value: unknown): string | null {
  const word = asText(value)?.trim() ?? "";
  return word === "" || word === "null" || word === "None" ? null : word;
}

const USAGE_NUMBERS = ["prompt_tokens", "completion_tokens", "total_tokens"] as const;

function repairedUsage(value: unknown): JsonRecord | null {
  const usage = asRecord(value);
  if (usage === null) return null;
  const repaired = numbersOf(usage, USAGE_NUMBERS);
  const reasoning = asNumber(asRecord(usage.completion_tokens_details)?.reasoning_tokens);
  if (reasoning !== null) repaired.completion_tokens_details = { reasoning_tokens: reasoning };
  // DeepSeek's own name, which alone its package reads.
  const hit = asNumber(usage.prompt_cache_hit_tokens);
  if (hit !== null) repaired.prompt_cache_hit_tokens = hit;
  const cached = asNumber(asRecord(usage.prompt_tokens_details)?.cached_tokens) ?? hit;
  if (cached !== null) repaired.prompt_tokens_details = { cached_tokens: cached };
  return repaired;
}
