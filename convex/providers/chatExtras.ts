import type { LanguageModelV3, LanguageModelV3StreamPart } from "@ai-sdk/provider";
import { wrapLanguageModel } from "ai";
import type { ChatExtras } from "./wire/chatDialect";
import { asRecord } from "./wire/json";

/**
 * The model, with what its server tells beside the words as parts of the stream: the SDK reads chat completions for words and tool calls
 * alone. `ChatDialect` puts it into chunks of its own, which come here as they are.
 */
export function withChatExtras(model: LanguageModelV3): LanguageModelV3 {
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: "v3",
      transformParams: ({ params }) => Promise.resolve({ ...params, includeRawChunks: true }),
      wrapStream: async ({ doStream }) => {
        const result = await doStream();
        return { ...result, stream: result.stream.pipeThrough(extrasAsParts()) };
      },
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
