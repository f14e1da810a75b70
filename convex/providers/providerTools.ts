import type { LanguageModelV3, LanguageModelV3StreamPart } from "@ai-sdk/provider";
import { wrapLanguageModel } from "ai";
import { streamThrough } from "./streamThrough";

/**
 * The model, with the calls that its provider makes by itself (a search of the web, code that it runs) told as calls. Verbatim asks for none, but
 * a gateway's settings, or the model itself, may: the SDK takes a call for a mistake unless its tool was in the request, or is marked as here.
 */
export function withProviderTools(model: LanguageModelV3): LanguageModelV3 {
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: "v3",
      wrapStream: streamThrough((stream) => stream.pipeThrough(marked())),
    },
  });
}

function marked(): TransformStream<LanguageModelV3StreamPart, LanguageModelV3StreamPart> {
  const calls = new Set<string>();
  return new TransformStream({
    transform(part, controller) {
      if ((part.type === "tool-call" || part.type === "tool-input-start") && part.providerExecuted === true) {
        calls.add(part.type === "tool-call" ? part.toolCallId : part.id);
        controller.enqueue({ ...part, dynamic: true });
        // A result of no call has nothing to belong to.
      } else if (part.type !== "tool-result") controller.enqueue(part);
      else if (calls.has(part.toolCallId)) controller.enqueue({ ...part, dynamic: true });
    },
  });
}
