import type { LanguageModelV3 } from "@ai-sdk/provider";
import type { ToolSet } from "ai";
import { demoModel } from "./demo";
import { fetchModelIds } from "./fetchModelIds";
import { openaiModel } from "./openai";
import { openaiCompatibleModel } from "./openaiCompatible";
import { providerSettings } from "./settings";
import { builtInTools } from "./tools";

/** A language model, and the tools that it may call. */
export type ConnectedModel = { model: LanguageModelV3; tools?: ToolSet };

/** The model with this id at the connected server; null for the default. Rejects with an Error that says what is missing. */
export async function connectModel(modelId: string | null): Promise<ConnectedModel> {
  const settings = providerSettings();
  switch (settings.kind) {
    case "demo":
      return { model: demoModel(), tools: builtInTools };
    case "openai":
      return { model: openaiModel(modelId ?? settings.defaultModel, settings.apiKey), tools: builtInTools };
    case "openaiCompatible": {
      const id = modelId ?? settings.defaultModel ?? (await fetchModelIds(settings))[0];
      if (id === undefined) throw new Error(`The model server at ${settings.baseURL} has no models.`);
      // No tools: many local models refuse a request that offers any.
      return { model: openaiCompatibleModel(id, settings) };
    }
    default:
      return settings satisfies never;
  }
}
