import type { LanguageModelV3, LanguageModelV3StreamPart } from "@ai-sdk/provider";
import { wrapLanguageModel } from "ai";
import { streamThrough } from "./streamThrough";
import type { ChatExtras } from "./wire/chatDialect";
import { asArray, asRecord, asText } from "./wire/json";

/**
 * The model, with what its server tells beside the words as parts of the stream: the SDK reads chat completions for words and tool calls
 * alone. `ChatDialect` puts it into chunks of its own, which come here as they are. `thoughts`: of a model whose package reads none,
 * because OpenAI's own chat API tells none; gateways and models of other makers at Azure do.
 */
export function withChatExtras(
  model: LanguageModelV3,
  { thoughts = false }: { thoughts?: boolean } = {},
): LanguageModelV3 {
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: "v3",
      transformParams: ({ params }) => Promise.resolve({ ...params, includeRawChunks: true }),
      wrapStream: streamThrough((stream) =>
        (thoughts ? stream.pipeThrough(thoughtsAsParts()) : stream).pipeThrough(extrasAsParts()),
      ),
    },
  });
}

function extrasAsParts(): TransformStream<LanguageModelV3StreamPart, LanguageModelV3StreamPart> {
  return new TransformStream({
    transform(part, controller) {
      if (part.type !== "raw") controller.enqueue(part);
      else for (const extra of extrasOf(part.rawValue)) controller.enqueue(extra);
    },
  });
}

/** Thoughts of one part have one id: they end where words begin. */
function thoughtsAsParts(): TransformStream<LanguageModelV3StreamPart, LanguageModelV3StreamPart> {
  let parts = 0;
  let isOpen = false;
  return new TransformStream({
    transform(part, controller) {
      const delta = part.type === "raw" ? thoughtsIn(part.rawValue) : "";
      const id = () => `thoughts-${parts}`;
      if (delta !== "") {
        if (!isOpen) {
          parts += 1;
          controller.enqueue({ type: "reasoning-start", id: id() });
        }
        isOpen = true;
        controller.enqueue({ type: "reasoning-delta", id: id(), delta });
      } else if (isOpen && part.type !== "response-metadata") {
        isOpen = false;
        controller.enqueue({ type: "reasoning-end", id: id() });
      }
      controller.enqueue(part);
    },
  });
}

function thoughtsIn(chunk: unknown): string {
  const [choice] = asArray(asRecord(chunk)?.choices).map(asRecord);
  return asText(asRecord(choice?.delta)?.reasoning_content) ?? "";
}

/** Servers cannot send such a chunk: theirs are all made anew. */
const isExtras = (value: unknown): value is ChatExtras => asRecord(value)?.verbatim_sources !== undefined;

function extrasOf(chunk: unknown): LanguageModelV3StreamPart[] {
  if (!isExtras(chunk)) return [];
  return [
    ...chunk.verbatim_sources.map((source) => ({ type: "source", sourceType: "url", ...source }) as const),
    ...chunk.verbatim_images.map(
      ({ mediaType, base64 }) => ({ type: "file", mediaType, data: base64 }) as const,
    ),
  ];
}
