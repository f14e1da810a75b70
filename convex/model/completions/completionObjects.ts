import { v, type Infer } from "convex/values";
import { vEndReason, vUsage, type Usage } from "../validators";

/** OpenAI's objects of an answer: whole, and in chunks. */

export type Head = { id: string; created: number; model: string };

/** How an answer ended. `model`: which one gave it. */
export const vOutcome = v.object({
  endReason: vEndReason,
  usage: v.union(vUsage, v.null()),
  model: v.union(v.string(), v.null()),
});
export type Outcome = Infer<typeof vOutcome>;

export function completionObject({ id, created, model }: Head, text: string, outcome: Outcome) {
  return {
    ...{ id, object: "chat.completion", created, model: outcome.model ?? model },
    choices: [
      {
        ...{ index: 0, message: { role: "assistant", content: text, refusal: null }, logprobs: null },
        finish_reason: finishReason(outcome.endReason),
      },
    ],
    ...(outcome.usage && { usage: usageObject(outcome.usage) }),
  };
}

export type Delta = { role?: "assistant"; content?: string };

export function chunkObject({ id, created, model }: Head, delta: Delta, outcome: Outcome | null = null) {
  const finish_reason = outcome === null ? null : finishReason(outcome.endReason);
  return {
    ...{ id, object: "chat.completion.chunk", created, model: outcome?.model ?? model },
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
  };
}

/** The last chunk, for who has asked for it. What the model's server did not count is not made up. */
export function usageChunk({ id, created, model }: Head, { usage, model: answeredBy }: Outcome) {
  return {
    ...{ id, object: "chat.completion.chunk", created, model: answeredBy ?? model },
    ...{ choices: [], usage: usage && usageObject(usage) },
  };
}

/** Of answers that are whole. [G12] */
function finishReason(endReason: Outcome["endReason"]): "stop" | "length" | "content_filter" {
  if (endReason === "lengthLimit") return "length";
  return endReason === "contentFilter" ? "content_filter" : "stop";
}

function usageObject({ inputTokens, cachedTokens, outputTokens, reasoningTokens, totalTokens }: Usage) {
  const [prompt_tokens, completion_tokens] = [inputTokens ?? 0, outputTokens ?? 0];
  return {
    ...{ prompt_tokens, completion_tokens, total_tokens: totalTokens ?? prompt_tokens + completion_tokens },
    ...(cachedTokens !== undefined && { prompt_tokens_details: { cached_tokens: cachedTokens } }),
    ...(reasoningTokens !== undefined && {
      completion_tokens_details: { reasoning_tokens: reasoningTokens },
    }),
  };
}
