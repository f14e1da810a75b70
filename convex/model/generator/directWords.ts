import type { LanguageModelV3, LanguageModelV3StreamPart } from "@ai-sdk/provider";
import { wrapLanguageModel, type TextStreamPart, type ToolSet } from "ai";
import { streamThrough } from "../../providers/streamThrough";

/** Words of a text, named by the id that the AI SDK gave the text. */
export type Words = { type: "text-delta" | "reasoning-delta"; id: string; text: string };

type Start = Extract<LanguageModelV3StreamPart, { type: "text-start" | "reasoning-start" }>;
type Delta = Extract<LanguageModelV3StreamPart, { type: Words["type"] }>;
type ToolDelta = Extract<LanguageModelV3StreamPart, { type: "tool-input-delta" }>;

/** A text that has begun. */
type Text = {
  type: Words["type"];
  /** What the SDK calls it; null until its beginning has come out of the SDK. */
  id: string | null;
  /** Said before that. */
  held: string;
  /** What the SDK has not been given yet. */
  rest: string;
};

/** In the metadata of a text's beginning, by which it is recognised behind the SDK. */
const MARK = "verbatim";

/**
 * Leads the words of a stream around the AI SDK: every part of a stream passes through some twenty of its stages, which cost more than all
 * else that is done for some words. The SDK gets the words of a text in one, before whatever is not words follows: it needs them only
 * for what it sends the model with the results of tools. Words can be led around in two places: behind the SDK's provider (`lead`), and, once
 * their text has begun there, before it (`goOn`).
 *
 * The order stays that of the stream [G8]: words are told from when the beginning of their text has come out of the SDK, behind all that
 * came before it; and all else, the text's end too, goes through the SDK behind them.
 */
export class DirectWords {
  readonly #texts: Text[] = [];
  /** By the SDK's ids: texts whose words are told directly. */
  readonly #told = new Set<string>();
  /** Of the stream that is read: the text that its last part added to, and the characters of words that have come. */
  #latest: Text | null = null;
  #come = 0;

  /** `tell` is given all words of the texts that have been `opened`. */
  constructor(private readonly tell: (words: Words) => void) {}

  /** The model, whose words are led around the SDK. */
  around(model: LanguageModelV3): LanguageModelV3 {
    return wrapLanguageModel({
      model,
      middleware: {
        specificationVersion: "v3",
        wrapStream: streamThrough((stream) => this.lead(stream)),
      },
    });
  }

  /**
   * Words that the server has said behind `given` characters of words of its stream, in the text of the last of them. False if those have
   * not all come through the SDK's provider, or something else has since: then these must follow them there.
   */
  goOn(words: string, given: number): boolean {
    const text = this.#latest;
    if (text === null || this.#come !== given) return false;
    this.#add(text, words);
    return true;
  }

  /** The part has come out of the SDK, and what it means has been told. */
  opened(part: TextStreamPart<ToolSet>): void {
    if (part.type === "text-end" || part.type === "reasoning-end") this.#told.delete(keyOf(part));
    if (part.type !== "text-start" && part.type !== "reasoning-start") return;
    const number = part.providerMetadata?.[MARK]?.["text"];
    const text = typeof number === "number" ? this.#texts[number] : undefined;
    if (text === undefined) return;
    this.#told.add(keyOf(part));
    text.id = part.id;
    this.#say(text, text.held);
    text.held = "";
  }

  /** Has the part come out of the SDK after its words were told? */
  hasTold(part: TextStreamPart<ToolSet>): boolean {
    return (part.type === "text-delta" || part.type === "reasoning-delta") && this.#told.has(keyOf(part));
  }

  /**
   * For the SDK. If the source fails, the error is passed on as a part: a stream that fails loses what has not been read yet.
   */
  lead(source: ReadableStream<LanguageModelV3StreamPart>): ReadableStream<LanguageModelV3StreamPart> {
    const reader = source.getReader();
    const open = new Map<string, Text>();
    let call: ToolDelta | null = null;
    let isOpen = true;
    this.#latest = null;
    this.#come = 0;

    return new ReadableStream<LanguageModelV3StreamPart>({
      // Not in `pull`: words do not wait until the SDK wants to hear more.
      start: (controller) => {
        const pass = (part: LanguageModelV3StreamPart): void => {
          if (isOpen) controller.enqueue(part);
        };
        /** Gives the SDK what it has not been given. */
        const catchUp = (): void => {
          if (call !== null) pass(call);
          call = null;
          for (const [key, text] of open) {
            if (text.rest !== "")
              pass({ type: text.type, id: key.slice(key.indexOf(" ") + 1), delta: text.rest });
            text.rest = "";
          }
        };
        const take = (part: LanguageModelV3StreamPart): void => {
          const text = isDelta(part) ? open.get(keyOf(part)) : undefined;
          this.#latest = text ?? null;
          if (isDelta(part)) this.#come += part.delta.length;
          if (isDelta(part) && text !== undefined) {
            // Metadata (a signature, say) is the SDK's affair.
            const isPlain = part.providerMetadata === undefined;
            if (!isPlain) catchUp();
            if (isOpen) this.#add(text, part.delta);
            if (isPlain) return;
            text.rest = "";
            pass(part);
            return;
          }
          if (part.type === "tool-input-delta" && part.providerMetadata === undefined) {
            if (call !== null && call.id !== part.id) catchUp();
            call = call === null ? part : { ...call, delta: call.delta + part.delta };
            return;
          }
          catchUp();
          if (part.type === "text-start" || part.type === "reasoning-start") {
            pass(this.#begin(part, open));
            return;
          }
          if (part.type === "text-end" || part.type === "reasoning-end") open.delete(keyOf(part));
          pass(part);
        };
        const readAll = async (): Promise<void> => {
          for (;;) {
            const { done, value } = await reader.read();
            if (done) break;
            take(value);
          }
        };
        void readAll()
          .catch((error: unknown) => {
            catchUp();
            pass({ type: "error", error });
          })
          .then(() => {
            catchUp();
            if (isOpen) controller.close();
          });
      },
      cancel: async (reason) => {
        isOpen = false;
        this.#latest = null;
        await reader.cancel(reason);
      },
    });
  }

  #add(text: Text, words: string): void {
    text.rest += words;
    if (text.id === null) text.held += words;
    else this.#say(text, words);
  }

  /** The text's beginning, marked. */
  #begin(part: Start, open: Map<string, Text>): Start {
    const type = part.type === "text-start" ? "text-delta" : "reasoning-delta";
    const text: Text = { type, id: null, held: "", rest: "" };
    open.set(keyOf(part), text);
    const number = this.#texts.push(text) - 1;
    return { ...part, providerMetadata: { ...part.providerMetadata, [MARK]: { text: number } } };
  }

  #say({ type, id }: Text, words: string): void {
    if (id !== null && words !== "") this.tell({ type, id, text: words });
  }
}

/** Texts and thoughts may have the same ids. */
function keyOf({ type, id }: { type: string; id: string }): string {
  return `${type.startsWith("text") ? "text" : "reasoning"} ${id}`;
}

const isDelta = (part: LanguageModelV3StreamPart): part is Delta =>
  part.type === "text-delta" || part.type === "reasoning-delta";
