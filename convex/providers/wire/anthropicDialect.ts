import { BROKEN_OFF, NOTHING, skippedValue, type Dialect, type Repaired } from "./dialect";
import { errorIn } from "./errorIn";
import { errorCode, errorWords } from "./errorWords";
import { asArray, asNumber, asRecord, asText, type JsonRecord } from "./json";

/**
 * Anthropic's Messages API, from Anthropic or from a gateway that has it. Each event is made anew from what can be read of it, since the
 * SDK's schema fails the whole answer at a field or a kind of block that it does not know. The stop reason and the usage are kept and sent
 * last. A plain reply is told as the events that it stands for.
 */
export class AnthropicDialect implements Dialect {
  #stop: JsonRecord | null = null;
  #usage: Record<string, number> = {};
  #thinkingTokens: number | null = null;
  #state: "unopened" | "open" | "over" = "unopened";
  /** Blocks that the SDK was told of, by their index; false once they are closed. Those that it would not know are not among them. */
  readonly #blocks = new Map<number, boolean>();
  readonly #skipped = new Set<number>();

  get state(): Dialect["state"] {
    if (this.#state === "over") return "over";
    return this.#stop === null ? "open" : "complete";
  }

  take(value: unknown): Repaired {
    const event = asRecord(value);
    const error = errorIn(value);
    if (error !== null) {
      return this.#stop === null ? { kind: "error", error } : skippedValue("an error after the end", error);
    }
    switch (event?.type) {
      case "ping":
        return NOTHING;
      case "message_start":
        return this.#begin(asRecord(event.message) ?? {});
      case "message":
        return this.#wholeReply(event);
      case "content_block_start":
        return this.#openBlock(indexOf(event), asRecord(event.content_block));
      case "content_block_delta":
        return this.#delta(indexOf(event), asRecord(event.delta));
      case "content_block_stop":
        return sent(this.#closeBlock(indexOf(event)));
      case "message_delta":
        this.#end(asRecord(event.delta), event.usage);
        return NOTHING;
      case "message_stop":
        // What a proxy ends so without a reason, it has heard out.
        this.#stop ??= { stop_reason: "end_turn" };
        return sent(this.#lastEvents());
      default:
        return skippedValue("an unknown event", value);
    }
  }

  end(by: "done" | "closed"): object[] {
    if (this.#state === "over") return [];
    if (this.#stop === null && by === "done" && this.#blocks.size > 0)
      this.#stop = { stop_reason: "end_turn" };
    return this.#stop === null ? [this.failure({ code: BROKEN_OFF })] : this.#lastEvents();
  }

  merged(one: object, other: object): object | null {
    const [before, after] = [wordsOnly(one), wordsOnly(other)];
    if (before === null || after === null) return null;
    if (before.index !== after.index || before.name !== after.name) return null;
    const { index, name, words } = before;
    const delta = { type: `${name}_delta`, [name]: words + after.words };
    return { type: "content_block_delta", index, delta };
  }

  words(value: object): string | null {
    return wordsOnly(value)?.words ?? null;
  }

  /** A block may begin with words, and summaries of a conversation (`compaction_delta`) are told as text. */
  mixesWords(value: object): boolean {
    const { content_block: block, delta } = value as JsonRecord;
    return [block, delta].some((said) =>
      ["text", "thinking", "content"].some(
        (name) => typeof asRecord(said)?.[name] === "string" && asRecord(said)?.[name] !== "",
      ),
    );
  }

  failure(error: unknown): object {
    this.#state = "over";
    const code = asText(asRecord(error)?.code);
    return {
      type: "error",
      error: { type: code ?? errorCode(error) ?? "error", message: errorWords(error) ?? "" },
    };
  }

  #begin(message: JsonRecord): Repaired {
    if (this.#state !== "unopened") return NOTHING;
    this.#addUsage(message.usage);
    return sent(this.#opening(message));
  }

  /** The event that each stream begins with, once. */
  #opening({ id, model }: JsonRecord = {}): object[] {
    if (this.#state !== "unopened") return [];
    this.#state = "open";
    const named = { ...(typeof id === "string" && { id }), ...(typeof model === "string" && { model }) };
    return [{ type: "message_start", message: { ...named, usage: { input_tokens: 0, ...this.#usage } } }];
  }

  #openBlock(index: number, block: JsonRecord | null): Repaired {
    const repaired = block === null ? null : repairedBlock(block);
    if (repaired === null) {
      this.#skipped.add(index);
      return skippedValue("a block of an unknown kind", block);
    }
    // A second one in the place of the first is another block.
    const closed = this.#closeBlock(index);
    this.#blocks.set(index, true);
    return sent([
      ...this.#opening(),
      ...closed,
      { type: "content_block_start", index, content_block: repaired.block },
      ...repaired.said.map((delta) => ({ type: "content_block_delta", index, delta })),
    ]);
  }

  #delta(index: number, delta: JsonRecord | null): Repaired {
    if (this.#skipped.has(index)) return NOTHING;
    const repaired = delta === null ? null : repairedDelta(delta);
    if (repaired === null) return skippedValue("a delta of an unknown kind", delta);
    const isOpen = this.#blocks.get(index) === true;
    const kind = BLOCK_OF_DELTA[repaired.type];
    // Without its beginning a tool call has no name.
    if (!isOpen && kind === undefined) return skippedValue("a delta of no block", delta);
    const opened = isOpen
      ? []
      : [...this.#opening(), { type: "content_block_start", index, content_block: kind }];
    this.#blocks.set(index, true);
    return sent([...opened, { type: "content_block_delta", index, delta: repaired }]);
  }

  #closeBlock(index: number): object[] {
    if (this.#blocks.get(index) !== true) return [];
    this.#blocks.set(index, false);
    return [{ type: "content_block_stop", index }];
  }

  #end(delta: JsonRecord | null, usage: unknown): void {
    this.#addUsage(usage);
    const reason = asText(delta?.stop_reason);
    const sequence = asText(delta?.stop_sequence);
    if (reason === null || reason === "") return;
    this.#stop = { stop_reason: reason, ...(sequence !== null && { stop_sequence: sequence }) };
  }

  #lastEvents(): object[] {
    const opening = this.#opening();
    this.#state = "over";
    const closed = [...this.#blocks.keys()].flatMap((index) => this.#closeBlock(index));
    const thinking = this.#thinkingTokens;
    const usage = {
      output_tokens: 0,
      ...this.#usage,
      ...(thinking !== null && { output_tokens_details: { thinking_tokens: thinking } }),
    };
    return [
      ...opening,
      ...closed,
      { type: "message_delta", delta: this.#stop ?? {}, usage },
      { type: "message_stop" },
    ];
  }

  #addUsage(value: unknown): void {
    const usage = asRecord(value);
    for (const name of USAGE_NUMBERS) {
      const number = asNumber(usage?.[name]);
      if (number !== null) this.#usage[name] = number;
    }
    this.#thinkingTokens =
      asNumber(asRecord(usage?.output_tokens_details)?.thinking_tokens) ?? this.#thinkingTokens;
  }

  #wholeReply(reply: JsonRecord): Repaired {
    const values: object[] = [];
    const add = (repaired: Repaired) => {
      if (repaired.kind === "send") values.push(...repaired.values);
    };
    add(this.#begin(reply));
    for (const [index, entry] of asArray(reply.content).entries()) {
      add(this.#openBlock(index, asRecord(entry)));
      values.push(...this.#closeBlock(index));
    }
    this.#end(reply, reply.usage);
    this.#stop ??= { stop_reason: "end_turn" };
    return sent([...values, ...this.#lastEvents()]);
  }
}

/** What a value adds to a text or a thought; null for any other. */
function wordsOnly(value: object): { index: unknown; name: "text" | "thinking"; words: string } | null {
  const { type, index, delta } = value as JsonRecord;
  const added = asRecord(delta);
  if (type !== "content_block_delta" || added === null) return null;
  const name = added.type === "text_delta" ? "text" : added.type === "thinking_delta" ? "thinking" : null;
  const words = name === null ? null : added[name];
  return name === null || typeof words !== "string" ? null : { index, name, words };
}

const USAGE_NUMBERS = [
  "input_tokens",
  "output_tokens",
  "cache_creation_input_tokens",
  "cache_read_input_tokens",
] as const;

const sent = (values: object[]): Repaired => (values.length === 0 ? NOTHING : { kind: "send", values });

const indexOf = (event: JsonRecord): number => asNumber(event.index) ?? 0;

type Delta = { type: keyof typeof BLOCK_OF_DELTA } & JsonRecord;

/** What a delta belongs to whose block was never opened. */
const BLOCK_OF_DELTA = {
  text_delta: { type: "text", text: "" },
  thinking_delta: { type: "thinking", thinking: "" },
  signature_delta: undefined,
  input_json_delta: undefined,
  citations_delta: undefined,
} as const;

/** A block as the SDK's schema has it, and what it says already: in a plain reply, all. Null for one that it does not know. */
function repairedBlock(block: JsonRecord): { block: object; said: Delta[] } | null {
  switch (block.type) {
    case "text": {
      const text = asText(block.text) ?? "";
      const citations = asArray(block.citations)
        .map(asRecord)
        .flatMap((citation) => (citation === null ? [] : citationDelta(citation)));
      return {
        block: { type: "text", text: "" },
        said: [...(text === "" ? [] : [{ type: "text_delta" as const, text }]), ...citations],
      };
    }
    case "thinking": {
      const thinking = asText(block.thinking) ?? "";
      const signature = asText(block.signature) ?? "";
      return {
        block: { type: "thinking", thinking: "" },
        said: [
          ...(thinking === "" ? [] : [{ type: "thinking_delta" as const, thinking }]),
          ...(signature === "" ? [] : [{ type: "signature_delta" as const, signature }]),
        ],
      };
    }
    case "redacted_thinking": {
      const data = asText(block.data);
      return data === null ? null : { block: { type: "redacted_thinking", data }, said: [] };
    }
    case "tool_use": {
      const [id, name] = [asText(block.id), asText(block.name)];
      if (id === null || name === null) return null;
      const input = asRecord(block.input);
      const json = input === null || Object.keys(input).length === 0 ? null : JSON.stringify(input);
      return {
        block: { type: "tool_use", id, name },
        said: json === null ? [] : [{ type: "input_json_delta", partial_json: json }],
      };
    }
    case "server_tool_use": {
      const [id, name] = [asText(block.id), asText(block.name)];
      if (id === null || name === null) return null;
      const input = asRecord(block.input) ?? {};
      return { block: { type: "server_tool_use", id, name, input }, said: [] };
    }
    default: {
      const result = repairedResult(block);
      return result === null ? null : { block: result, said: [] };
    }
  }
}

/** What a tool of the server's own gave, as the SDK's schema has it. Null for those that it does not know. */
function repairedResult(block: JsonRecord): object | null {
  const id = asText(block.tool_use_id);
  if (id === null) return null;
  const type = asText(block.type);
  const content = asRecord(block.content);
  const failed = { error_code: asText(content?.error_code) ?? "unavailable" };
  switch (type) {
    case "web_search_tool_result": {
      if (!Array.isArray(block.content)) {
        return { type, tool_use_id: id, content: { type: "web_search_tool_result_error", ...failed } };
      }
      const results = asArray(block.content).map(asRecord).flatMap(searchResult);
      return { type, tool_use_id: id, content: results };
    }
    case "web_fetch_tool_result": {
      const url = asText(content?.url);
      if (content === null || url === null) {
        return { type, tool_use_id: id, content: { type: "web_fetch_tool_result_error", ...failed } };
      }
      const page = asRecord(content.content);
      const source = asRecord(page?.source);
      // A PDF's bytes are nothing to read.
      const data = source?.type === "text" ? (asText(source.data) ?? "") : "";
      const document = {
        ...{ type: "document", title: asText(page?.title) },
        source: { type: "text", media_type: "text/plain", data },
      };
      const fetched = { type: "web_fetch_result", url, retrieved_at: asText(content.retrieved_at) ?? "" };
      return { type, tool_use_id: id, content: { ...fetched, content: document } };
    }
    case "code_execution_tool_result": {
      const code = asNumber(content?.return_code);
      if (content === null || code === null) {
        return { type, tool_use_id: id, content: { type: "code_execution_tool_result_error", ...failed } };
      }
      const [stdout, stderr] = [asText(content.stdout) ?? "", asText(content.stderr) ?? ""];
      const result = { type: "code_execution_result", stdout, stderr, return_code: code, content: [] };
      return { type, tool_use_id: id, content: result };
    }
    default:
      return null;
  }
}

function searchResult(result: JsonRecord | null): object[] {
  const url = asText(result?.url);
  if (result === null || url === null) return [];
  const title = asText(result.title) ?? url;
  const encrypted = asText(result.encrypted_content) ?? "";
  return [
    {
      ...{ type: "web_search_result", url, title, encrypted_content: encrypted },
      page_age: asText(result.page_age),
    },
  ];
}

function repairedDelta(delta: JsonRecord): Delta | null {
  switch (delta.type) {
    case "text_delta":
      return { type: delta.type, text: asText(delta.text) ?? "" };
    case "thinking_delta":
      return { type: delta.type, thinking: asText(delta.thinking) ?? "" };
    case "signature_delta":
      return { type: delta.type, signature: asText(delta.signature) ?? "" };
    case "input_json_delta":
      return { type: delta.type, partial_json: asText(delta.partial_json) ?? "" };
    case "citations_delta":
      return citationDelta(asRecord(delta.citation) ?? {})[0] ?? null;
    default:
      return null;
  }
}

/** A source of the web; places in documents that the prompt holds are of no use to whoever has sent them. */
function citationDelta(citation: JsonRecord): Delta[] {
  const url = asText(citation.url);
  if (url === null || url === "") return [];
  return [
    {
      type: "citations_delta",
      citation: {
        type: "web_search_result_location",
        url,
        cited_text: asText(citation.cited_text) ?? "",
        title: asText(citation.title) ?? url,
        encrypted_index: asText(citation.encrypted_index) ?? "",
      },
    },
  ];
}
