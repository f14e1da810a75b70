import { isEnd } from "../../model/generator/finishWords";
import { BROKEN_OFF, NOTHING, skippedValue, type Dialect, type Repaired } from "./dialect";
import { errorIn } from "./errorIn";
import { errorCode, errorStatus, errorWords } from "./errorWords";
import { asArray, asRecord, asText, parseJson, numbersOf, type JsonRecord } from "./json";

/**
 * Google's Gemini API (`streamGenerateContent?alt=sse`). Each chunk is made anew from what can be read of it, since the SDK's schema fails
 * the whole answer at one wrong field. The finish reason and the usage are kept and sent last: Gemini says them in several chunks. A plain
 * reply is one chunk; without `alt=sse` it is a list of them.
 */
export class GoogleDialect implements Dialect {
  #finish: string | null = null;
  /** With `CONTINUATION`: by this the SDK asks for the rest. */
  #continuation: string | null = null;
  #usage: JsonRecord | null = null;
  #isBlocked = false;
  #hasSaid = false;
  #failed = false;

  get state(): Dialect["state"] {
    if (this.#failed) return "over";
    return this.#isBlocked || (this.#finish !== null && isEnd(this.#finish)) ? "complete" : "open";
  }

  take(value: unknown): Repaired {
    const error = errorIn(value);
    if (error !== null) {
      return this.state === "complete"
        ? skippedValue("an error after the end", error)
        : { kind: "error", error };
    }
    if (Array.isArray(value)) return this.#takeAll(value as unknown[]);
    const chunk = asRecord(value);
    if (chunk === null) return skippedValue("no object", value);
    const usage = repairedUsage(chunk.usageMetadata);
    if (usage !== null) this.#usage = { ...this.#usage, ...usage };
    const blocked = this.#takeBlock(asRecord(chunk.promptFeedback));
    if (blocked !== null) return blocked;
    const candidate = asRecord(asArray(chunk.candidates)[0]);
    if (candidate !== null) return this.#takeCandidate(chunk, candidate);
    const isKnown = usage !== null || chunk.candidates !== undefined || chunk.promptFeedback !== undefined;
    return isKnown ? NOTHING : skippedValue("no candidates", chunk);
  }

  end(by: "done" | "closed"): object[] {
    if (this.#failed) return [];
    const usage = this.#usage === null ? {} : { usageMetadata: this.#usage };
    if (this.#isBlocked) return [usage];
    if (this.#finish === null && by === "done" && this.#hasSaid) this.#finish = "STOP";
    if (this.#finish === null) return [this.failure({ code: BROKEN_OFF })];
    const continuation = this.#continuation === null ? {} : { continuationToken: this.#continuation };
    return [
      { candidates: [{ content: { parts: [] }, finishReason: this.#finish, ...continuation }], ...usage },
    ];
  }

  merged(one: object, other: object): object | null {
    const [before, after] = [wordsOnly(one), wordsOnly(other)];
    if (before === null || after === null || before.thought !== after.thought) return null;
    const thought = before.thought ? { thought: true } : {};
    const parts = [{ text: before.text + after.text, ...thought }];
    return { ...one, candidates: [{ content: { parts } }] };
  }

  words(value: object): string | null {
    return wordsOnly(value)?.text ?? null;
  }

  mixesWords(value: object): boolean {
    const candidates = asArray((value as JsonRecord).candidates).map(asRecord);
    const parts = candidates.flatMap((candidate) => asArray(asRecord(candidate?.content)?.parts));
    return parts.some((part) => typeof asRecord(part)?.text === "string");
  }

  failure(error: unknown): object {
    this.#failed = true;
    const named = asText(asRecord(error)?.code) === BROKEN_OFF ? BROKEN_OFF : errorCode(error);
    return {
      error: {
        code: errorStatus(error) ?? 500,
        message: errorWords(error) ?? "",
        status: named ?? "INTERNAL",
      },
    };
  }

  #takeAll(chunks: readonly unknown[]): Repaired {
    const values = chunks.flatMap((chunk) => {
      const taken = this.take(chunk);
      return taken.kind === "send" ? taken.values : [];
    });
    return values.length === 0 ? NOTHING : { kind: "send", values };
  }

  /** The prompt was not let through: there are no candidates then. */
  #takeBlock(feedback: JsonRecord | null): Repaired | null {
    const reason = asText(feedback?.blockReason);
    if (reason === null || reason === "" || /UNSPECIFIED$/.test(reason)) return null;
    this.#isBlocked = true;
    // "OTHER" says that it was blocked, not that something else happened.
    const blockReason = reason === "OTHER" ? "PROHIBITED_CONTENT" : reason;
    return { kind: "send", values: [{ promptFeedback: { blockReason } }] };
  }

  #takeCandidate(chunk: JsonRecord, candidate: JsonRecord): Repaired {
    const finish = asText(candidate.finishReason) ?? "";
    if (finish !== "" && finish !== "FINISH_REASON_UNSPECIFIED") this.#finish = finish;
    this.#continuation = asText(candidate.continuationToken) ?? this.#continuation;
    const parts = asArray(asRecord(candidate.content)?.parts)
      .map(asRecord)
      .flatMap((part) => (part === null ? [] : repairedPart(part)));
    const sources = asArray(asRecord(candidate.groundingMetadata)?.groundingChunks)
      .map(asRecord)
      .flatMap((source) => repairedSource(source));
    this.#hasSaid ||= parts.length > 0;
    if (parts.length === 0 && sources.length === 0) return NOTHING;
    const id = asText(chunk.responseId);
    return {
      kind: "send",
      values: [
        {
          ...(id !== null && { responseId: id }),
          candidates: [
            {
              content: { parts },
              ...(sources.length > 0 && { groundingMetadata: { groundingChunks: sources } }),
            },
          ],
        },
      ],
    };
  }
}

/** A part as the SDK's schema has it; nothing for one that says nothing. Its signature goes back with what tools gave. */
function repairedPart(part: JsonRecord): object[] {
  const signature = asText(part.thoughtSignature);
  const more = {
    ...(part.thought === true && { thought: true }),
    ...(signature !== null && { thoughtSignature: signature }),
  };
  const call = asRecord(part.functionCall);
  if (call !== null) {
    const name = asText(call.name);
    const id = asText(call.id);
    if (name === null || name === "") return [];
    // Arguments come as an object; some gateways send their JSON.
    const args = asRecord(call.args) ?? asRecord(parseJson(asText(call.args) ?? "")) ?? {};
    return [{ functionCall: { ...(id !== null && { id }), name, args }, ...more }];
  }
  const code = asText(asRecord(part.executableCode)?.code);
  if (code !== null) {
    const language = asText(asRecord(part.executableCode)?.language) ?? "";
    return [{ executableCode: { language, code } }];
  }
  const ran = asRecord(part.codeExecutionResult);
  if (ran !== null) {
    const [outcome, output] = [asText(ran.outcome) ?? "OUTCOME_UNSPECIFIED", asText(ran.output) ?? ""];
    return [{ codeExecutionResult: { outcome, output } }];
  }
  const file = asRecord(part.inlineData ?? part.inline_data);
  if (file !== null) {
    const mimeType = asText(file.mimeType ?? file.mime_type);
    const data = asText(file.data);
    return mimeType === null || data === null ? [] : [{ inlineData: { mimeType, data }, ...more }];
  }
  const text = asText(part.text);
  return text === null || (text === "" && signature === null) ? [] : [{ text, ...more }];
}

/** An address of the web or of a map, as one of the web. */
function repairedSource(source: JsonRecord | null): object[] {
  const found = asRecord(source?.web) ?? asRecord(source?.maps) ?? asRecord(source?.retrievedContext);
  const uri = asText(found?.uri);
  const title = asText(found?.title);
  if (uri === null || !/^https?:/i.test(uri)) return [];
  return [{ web: { uri, ...(title !== null && title !== "" && { title }) } }];
}

/** The text of a chunk that was made anew, if it holds nothing else; a signature is its own part's. */
function wordsOnly(chunk: object): { text: string; thought: boolean } | null {
  const candidate = asRecord(asArray((chunk as JsonRecord).candidates)[0]);
  if (candidate === null || "finishReason" in candidate || "groundingMetadata" in candidate) return null;
  const [first, ...more] = asArray(asRecord(candidate.content)?.parts);
  const part = asRecord(first);
  if (part === null || more.length > 0 || "thoughtSignature" in part) return null;
  return typeof part.text === "string" ? { text: part.text, thought: part.thought === true } : null;
}

const USAGE_NUMBERS = [
  "promptTokenCount",
  "candidatesTokenCount",
  "thoughtsTokenCount",
  "cachedContentTokenCount",
  "toolUsePromptTokenCount",
  "totalTokenCount",
] as const;

function repairedUsage(value: unknown): JsonRecord | null {
  const usage = asRecord(value);
  if (usage === null) return null;
  return numbersOf(usage, USAGE_NUMBERS);
}
