import type { LanguageModelV3, LanguageModelV3CallOptions } from "@ai-sdk/provider";
import { wrapLanguageModel } from "ai";
import { log } from "../model/log";
import { refusalOf } from "./refusalOf";

/** OpenAI's models that reason: o1, o3, …, and GPT from 5 on but for those that only chat. */
const REASONS = /^(o\d+(-|$)|gpt-([5-9]|[1-9]\d)(?!\S*-chat))/;

/**
 * The model, asked for summaries of its thoughts where it has any: its thoughts themselves are not given. OpenAI refuses them to
 * organisations that it has not verified, and for its oldest models; then the same request is made without.
 */
export function withReasoningSummaries(model: LanguageModelV3): LanguageModelV3 {
  if (!REASONS.test(model.modelId)) return model;
  let areGiven = true;
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: "v3",
      wrapStream: async ({ doStream, params, model: asked }) => {
        if (!areGiven) return await doStream();
        try {
          return await asked.doStream(withSummary(params));
        } catch (error) {
          if (!isRefusalOfSummary(error)) throw error;
          areGiven = false;
          log("STREAMING", `${model.modelId} gives no summaries of its reasoning; it is asked without`);
          return await doStream();
        }
      },
    },
  });
}

const withSummary = (params: LanguageModelV3CallOptions): LanguageModelV3CallOptions => ({
  ...params,
  providerOptions: {
    ...params.providerOptions,
    openai: { ...params.providerOptions?.["openai"], reasoningSummary: "auto" },
  },
});

/** "Your organization must be verified to generate reasoning summaries", with the parameter `reasoning.summary`. */
const isRefusalOfSummary = (error: unknown): boolean =>
  /reasoning\W{1,3}summar/i.test(refusalOf(error) ?? "");
