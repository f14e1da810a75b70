import type { LanguageModelV3 } from "@ai-sdk/provider";
import { defaultSettingsMiddleware, wrapLanguageModel } from "ai";
import type { Effort } from "../shared/modelFacts";
import type { ProviderKind } from "../shared/providerConfig";
import { takesEffort } from "./efforts";
import type { ModelRequest } from "./modelRequest";

/** Options of a call as the SDK takes them, by the name of the package that reads them. */
type ProviderOptions = Record<
  string,
  Record<string, string | boolean | Record<string, string | number | boolean>>
>;

/** The model, asked with what the request says beside its text. */
export function withCallSettings(model: LanguageModelV3, request: ModelRequest): LanguageModelV3 {
  const { provider, modelId, effort, temperature, topP, maxOutputTokens } = request;
  const { kind } = provider;
  const takes = effort !== undefined && takesEffort(kind, modelId, effort);
  const providerOptions = takes ? effortOptions(kind, modelId, effort) : ownThoughts(kind, modelId);
  const settings = {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(providerOptions !== undefined && { providerOptions }),
  };
  if (Object.keys(settings).length === 0) return model;
  return wrapLanguageModel({ model, middleware: defaultSettingsMiddleware({ settings }) });
}

/** Tokens of thought, for models that count them instead of knowing words. */
const BUDGETS: Record<Exclude<Effort, "none">, number> = {
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 24_576,
  max: 24_576,
};

/** Claude from 4.6 on decides by itself how long it thinks, and knows words for it. */
const COUNTS_TOKENS = /^claude-(3-7|(opus|sonnet|haiku)-4(-[0-5])?(-\d{8}|$))|^gemini-2\.5/;

/** Claude from 4.7 on keeps its thoughts to itself unless it is asked for summaries. */
const IN_SUMMARY = { type: "adaptive", display: "summarized" } as const;

/** These think unless they are told not to. */
const THINKS_BY_ITSELF = /^claude-(fable|opus|sonnet|haiku)-([5-9]|\d\d)(-|$)/;

/** Gemini's thoughts are told to whoever asks for them; what does not think refuses to be asked. */
const GEMINI_THINKS = /^gemini-(2\.5|[3-9]|\d\d)(?!.*(image|tts|audio|embedding|live))/;

/** Where nobody says how long to think: thoughts that come by themselves are asked to be told. */
function ownThoughts(kind: ProviderKind, modelId: string): ProviderOptions | undefined {
  if (kind === "anthropic" && THINKS_BY_ITSELF.test(modelId)) return { anthropic: { thinking: IN_SUMMARY } };
  if (kind === "google" && GEMINI_THINKS.test(modelId))
    return { google: { thinkingConfig: { includeThoughts: true } } };
  return undefined;
}

/** How each API is told how long to think. A word that a model does not know is its server's to refuse. */
function effortOptions(kind: ProviderKind, modelId: string, effort: Effort): ProviderOptions {
  switch (kind) {
    case "openai":
    case "azure":
      return { openai: { reasoningEffort: effort } };
    case "openaiCompatible":
    case "xai":
      // Either package may read it, by the API that is set. OpenAI's tells it only to OpenAI's models, unless it is told that this one reasons.
      return {
        openai: { reasoningEffort: effort, forceReasoning: true, systemMessageMode: "system" },
        openaiCompatible: { reasoningEffort: effort },
      };
    case "anthropic":
      if (effort === "none") return { anthropic: { thinking: { type: "disabled" } } };
      if (COUNTS_TOKENS.test(modelId))
        return { anthropic: { thinking: { type: "enabled", budgetTokens: BUDGETS[effort] } } };
      return {
        anthropic: {
          thinking: /^claude-\w+-4-6/.test(modelId) ? { type: "adaptive" } : IN_SUMMARY,
          effort: effort === "minimal" ? "low" : effort,
        },
      };
    case "google":
      if (effort === "none") return { google: { thinkingConfig: { thinkingBudget: 0 } } };
      if (COUNTS_TOKENS.test(modelId)) {
        const thinkingConfig = { includeThoughts: true, thinkingBudget: BUDGETS[effort] };
        return { google: { thinkingConfig } };
      }
      return {
        google: {
          thinkingConfig: {
            includeThoughts: true,
            thinkingLevel: effort === "xhigh" || effort === "max" ? "high" : effort,
          },
        },
      };
    case "openrouter":
      return { openrouter: { reasoning: { effort: effort === "max" ? "xhigh" : effort } } };
    case "deepseek":
      if (effort === "none") return { deepseek: { thinking: { type: "disabled" } } };
      return { deepseek: { thinking: { type: "enabled" }, reasoningEffort: effort } };
    default:
      return kind satisfies never;
  }
}
