import type { ChatExtras } from "./chatDialect";
import { BROKEN_OFF, NOTHING, type Dialect, type Repaired } from "./dialect";
import { errorCode, errorStatus, errorWords } from "./errorWords";
import { errorIn } from "./errorIn";
import { asArray, asNumber, asRecord, asText, type JsonRecord } from "./json";

/** Events that only add words to a text. */
const MERGED_TYPES: ReadonlySet<unknown> = new Set([
  "response.output_text.delta",
  "response.refusal.delta",
  "response.reasoning_summary_text.delta",
]);
/** What tells whose words they are. */
const SAME_IN_ONE_TEXT = ["type", "item_id", "summary_index"];

/** Thoughts themselves (vLLM, LM Studio, llama.cpp), and OpenAI's summaries of them. */
const THOUGHTS = "response.reasoning_text.delta";
const SUMMARY = "response.reasoning_summary_text.delta";

/**
 * OpenAI's Responses API. Its events go on as they are, except those that would fail the whole answer when the SDK cannot read them: the
 * end, errors, and what belongs to an item that was never opened or has another id in each event (GitHub Copilot). Thoughts are told as
 * summaries, which are all that the SDK reads. A plain reply is told as the events that it stands for.
 */
export class ResponsesDialect implements Dialect {
  #state: Dialect["state"] = "open";
  readonly #openItems = new Set<string>();
  /** The ids under which items were opened, by their places in the answer. */
  readonly #idAt = new Map<number, string>();
  /** Which of the two an item of thoughts has told first: a server that tells both says the same twice. */
  readonly #toldAs = new Map<string, typeof THOUGHTS | typeof SUMMARY>();

  get state(): Dialect["state"] {
    return this.#state;
  }

  take(value: unknown): Repaired {
    const event = asRecord(value);
    const type = asText(event?.type);
    if (event !== null && event.object === "response" && Array.isArray(event.output))
      return this.#wholeReply(event);
    if (event === null || type === null || type === "error" || !/^(response|keepalive|ping)/.test(type)) {
      const error = errorIn(value);
      return error === null
        ? { kind: "skipped", why: `no event: ${JSON.stringify(value).slice(0, 200)}` }
        : { kind: "error", error };
    }
    switch (type) {
      case "response.completed":
      case "response.incomplete":
      case "response.failed":
        return this.#end(type, asRecord(event.response) ?? {});
      case "response.output_item.added":
        return isImageCall(event.item) ? NOTHING : this.#added(event);
      case "response.output_item.done":
        return isImageCall(event.item)
          ? madeImage(event.item)
          : this.#done({ ...event, item: repairedItem(event.item) });
      case "response.output_text.delta":
      case "response.refusal.delta":
        return this.#text(type, event);
      case THOUGHTS:
      case SUMMARY:
        return this.#thoughts(type, event);
      case "response.reasoning_summary_part.added":
      case "response.reasoning_summary_part.done": {
        const id = this.#idOf(event);
        return {
          kind: "send",
          values: [...this.#opening(id, "reasoning", event), { ...event, item_id: id }],
        };
      }
      case "response.output_text.annotation.added": {
        const annotation = repairedAnnotation(event.annotation);
        return annotation === null ? NOTHING : { kind: "send", values: [annotation] };
      }
      // A sketch of a picture is a result to the SDK, of a call that it was not told of.
      case "response.image_generation_call.partial_image":
        return NOTHING;
      default:
        return { kind: "send", values: [event] };
    }
  }

  end(): object[] {
    return this.#state === "over" ? [] : [this.failure({ code: BROKEN_OFF })];
  }

  merged(one: object, other: object): object | null {
    const [before, after] = [one as JsonRecord, other as JsonRecord];
    const isSameText =
      MERGED_TYPES.has(before.type) && SAME_IN_ONE_TEXT.every((name) => before[name] === after[name]);
    if (!isSameText || typeof before.delta !== "string" || typeof after.delta !== "string") return null;
    return { ...before, delta: before.delta + after.delta };
  }

  words(value: object): string | null {
    const { type, delta } = value as JsonRecord;
    return MERGED_TYPES.has(type) && typeof delta === "string" ? delta : null;
  }

  /** Each event that adds words is one of theirs alone. */
  mixesWords(): boolean {
    return false;
  }

  failure(error: unknown): object {
    this.#state = "over";
    const message = errorWords(error) ?? "";
    const code = asText(asRecord(error)?.code) ?? errorCode(error);
    return { type: "error", sequence_number: 0, message, code, param: asText(errorStatus(error)) };
  }

  #end(type: string, response: JsonRecord): Repaired {
    if (type === "response.failed" && asText(asRecord(response.incomplete_details)?.reason) === null) {
      return { kind: "error", error: asRecord(response.error) ?? { message: "" } };
    }
    this.#state = "over";
    const reason = asText(asRecord(response.incomplete_details)?.reason);
    const status = type === "response.completed" ? type : "response.incomplete";
    const usage = repairedUsage(response.usage);
    return {
      kind: "send",
      values: [
        { type: status, response: { incomplete_details: reason === null ? null : { reason }, usage } },
      ],
    };
  }

  #added(event: JsonRecord): Repaired {
    const item = asRecord(event.item);
    const id = asText(item?.id);
    if (item === null || id === null) return { kind: "skipped", why: "an item without an id" };
    this.#open(id, event);
    const index = asNumber(event.output_index) ?? 0;
    return { kind: "send", values: [{ ...event, output_index: index, item: repairedItem(item) }] };
  }

  #done(event: JsonRecord): Repaired {
    const item = asRecord(event.item);
    if (item?.type !== "message" && item?.type !== "reasoning") return { kind: "send", values: [event] };
    const id = this.#idOf({ ...event, item_id: item.id });
    return {
      kind: "send",
      values: [...this.#opening(id, item.type, event), { ...event, item: { ...item, id } }],
    };
  }

  #text(type: string, event: JsonRecord): Repaired {
    const id = this.#idOf(event);
    const delta = asText(event.delta) ?? "";
    if (delta === "") return NOTHING;
    return { kind: "send", values: [...this.#opening(id, "message", event), { type, item_id: id, delta }] };
  }

  #thoughts(type: typeof THOUGHTS | typeof SUMMARY, event: JsonRecord): Repaired {
    const id = this.#idOf(event);
    const delta = asText(event.delta) ?? "";
    if (delta === "" || (this.#toldAs.get(id) ?? type) !== type) return NOTHING;
    this.#toldAs.set(id, type);
    const place = type === SUMMARY ? (asNumber(event.summary_index) ?? 0) : 0;
    const told = { type: SUMMARY, item_id: id, summary_index: place, delta };
    return { kind: "send", values: [...this.#opening(id, "reasoning", event), told] };
  }

  /** The id under which the event's item was opened. */
  #idOf({ item_id: named, output_index: index }: JsonRecord): string {
    const id = asText(named);
    if (id !== null && this.#openItems.has(id)) return id;
    const place = asNumber(index);
    return (place === null ? undefined : this.#idAt.get(place)) ?? id ?? "text";
  }

  /** The event by which an item is opened; nothing when it is open. */
  #opening(id: string, type: "message" | "reasoning", event: JsonRecord): object[] {
    if (this.#openItems.has(id)) return [];
    this.#open(id, event);
    return [opened(id, asNumber(event.output_index) ?? 0, type)];
  }

  #open(id: string, { output_index: index }: JsonRecord): void {
    this.#openItems.add(id);
    const place = asNumber(index);
    if (place !== null) this.#idAt.set(place, id);
  }

  #wholeReply(reply: JsonRecord): Repaired {
    const said = asArray(reply.output)
      .map(asRecord)
      .flatMap((item, index) => (item === null ? [] : eventsOf(item, index)));
    const failed = asRecord(reply.error);
    if (failed !== null) return { kind: "error", error: failed };
    const end = this.#end(
      reply.status === "incomplete" ? "response.incomplete" : "response.completed",
      reply,
    );
    return { kind: "send", values: [...said, ...(end.kind === "send" ? end.values : [])] };
  }
}

const opened = (id: string, index: number, type: "message" | "reasoning" = "message"): object => ({
  type: "response.output_item.added",
  output_index: index,
  item: { id, type },
});

/** An item of a plain reply as the events in which it would have come. */
function eventsOf(item: JsonRecord, index: number): object[] {
  const id = asText(item.id) ?? `item_${index}`;
  const added = { type: "response.output_item.added", output_index: index, item: { ...item, id } };
  const done = { ...added, type: "response.output_item.done" };
  switch (item.type) {
    case "message": {
      const parts = asArray(item.content).map(asRecord);
      const deltas = parts.flatMap((part) => {
        const [text, refusal] = [asText(part?.text), asText(part?.refusal)];
        if (refusal !== null) return [{ type: "response.refusal.delta", item_id: id, delta: refusal }];
        const sources = asArray(part?.annotations)
          .map(repairedAnnotation)
          .filter((event) => event !== null);
        if (text === null) return sources;
        return [{ type: "response.output_text.delta", item_id: id, delta: text }, ...sources];
      });
      return [opened(id, index), ...deltas, { ...done, item: { id, type: "message" } }];
    }
    case "reasoning": {
      const summary = textsOf(item.summary);
      const delta = summary === "" ? textsOf(item.content) : summary;
      const text = { type: SUMMARY, item_id: id, summary_index: 0, delta };
      return [added, ...(delta === "" ? [] : [text]), done];
    }
    case "function_call":
      return [added, done];
    case "web_search_call": {
      const call = repairedItem({ ...item, id });
      return [
        { ...added, item: call },
        { ...done, item: call },
      ];
    }
    case "image_generation_call": {
      const image = madeImage(item);
      return image.kind === "send" ? image.values : [];
    }
    default:
      return [];
  }
}

/** Kinds of a search's steps that the SDK knows. */
const SEARCH_ACTIONS: readonly unknown[] = ["search", "open_page", "find_in_page"];

/** A search that OpenAI made by itself, as the SDK's schema has it; other items as they are. */
function repairedItem(value: unknown): unknown {
  const item = asRecord(value);
  if (item?.type !== "web_search_call") return value;
  const action = asRecord(item.action);
  const { type, query, queries, url, pattern } = action ?? {};
  const texts = Object.entries({ query, url, pattern }).filter(([, text]) => typeof text === "string");
  const several = asArray(queries).filter((text) => typeof text === "string");
  const sources = asArray(action?.sources).flatMap((source) => {
    const address = asText(asRecord(source)?.url);
    return address === null ? [] : [{ type: "url", url: address }];
  });
  return {
    ...{ type: item.type, id: item.id, status: asText(item.status) ?? "completed" },
    ...(SEARCH_ACTIONS.includes(type) && {
      action: {
        ...{ type, ...Object.fromEntries(texts) },
        ...(several.length > 0 && { queries: several }),
        ...(sources.length > 0 && { sources }),
      },
    }),
  };
}
const textsOf = (parts: unknown): string =>
  asArray(parts)
    .map((part) => asText(asRecord(part)?.text) ?? "")
    .join("\n\n");

const isImageCall = (item: unknown): item is JsonRecord => asRecord(item)?.type === "image_generation_call";

/** The picture of a call, which the SDK would tell of as a tool's result; `chatExtras.ts` makes a file of it. */
function madeImage({ result, output_format: format }: JsonRecord): Repaired {
  const base64 = asText(result);
  if (base64 === null || base64 === "") return NOTHING;
  const images = [{ mediaType: mediaTypeOf(base64, asText(format)), base64 }];
  const extras: ChatExtras = { choices: [], verbatim_sources: [], verbatim_images: images };
  // The SDK lets events of other types pass.
  return { kind: "send", values: [{ type: "verbatim.image", ...extras }] };
}

/** As the picture's first bytes say; the format that was asked for is told by some servers only. */
function mediaTypeOf(base64: string, format: string | null): string {
  if (base64.startsWith("/9j/")) return "image/jpeg";
  if (base64.startsWith("UklGR")) return "image/webp";
  return base64.startsWith("iVBOR") ? "image/png" : `image/${format ?? "png"}`;
}

/** A source as the event that the SDK reads; null for one that names none. Servers leave out what is of no use here. */
function repairedAnnotation(value: unknown): object | null {
  const outer = asRecord(value);
  const annotation = asRecord(outer?.url_citation) ?? outer;
  const type = "response.output_text.annotation.added";
  const url = asText(annotation?.url);
  if (url !== null) {
    const title = asText(annotation?.title) ?? "";
    return { type, annotation: { type: "url_citation", start_index: 0, end_index: 0, url, title } };
  }
  const id = asText(annotation?.file_id);
  if (id === null) return null;
  const filename = asText(annotation?.filename) ?? id;
  return { type, annotation: { type: "file_citation", file_id: id, filename, index: 0 } };
}

function repairedUsage(value: unknown): object | null {
  const usage = asRecord(value);
  const input = asNumber(usage?.input_tokens);
  const output = asNumber(usage?.output_tokens);
  if (usage === null || input === null || output === null) return null;
  const reasoning = asNumber(asRecord(usage.output_tokens_details)?.reasoning_tokens);
  const cached = asNumber(asRecord(usage.input_tokens_details)?.cached_tokens);
  return {
    input_tokens: input,
    output_tokens: output,
    ...(reasoning !== null && { output_tokens_details: { reasoning_tokens: reasoning } }),
    ...(cached !== null && { input_tokens_details: { cached_tokens: cached } }),
  };
}
