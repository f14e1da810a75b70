import type { LanguageModelV3 } from "@ai-sdk/provider";
import { anthropicModel } from "./anthropic";
import { withCallSettings } from "./callSettings";
import { deepseekModel } from "./deepseek";
import { googleModel } from "./google";
import { storedId } from "./modelIds";
import type { ModelRequest } from "./modelRequest";
import { openaiModel } from "./openai";
import { openaiCompatibleModel } from "./openaiCompatible";
import { openrouterModel } from "./openrouter";
import { withProviderTools } from "./providerTools";
import { withRefusedThoughts } from "./refusedThoughts";
import { requireReadableKey } from "./requireReadableKey";
import type { Provider } from "./settings";
import type { Line } from "./wire/replyReader";

/**
 * A language model, and the id that its answers name: the demo's words say what it is. `forgets`: thoughts of earlier answers are nothing that it is
 * sent again, only those of the answer that it goes on with.
 */
export type ConnectedModel = { model: LanguageModelV3; id?: string; forgets?: boolean };

/**
 * Claude from Fable 5.1 on binds its thoughts to all that stood before them, instructions and other thoughts too, and refuses them behind
 * anything else: https://platform.claude.com/docs/en/build-with-claude/preserved-thinking/prefix-checks. A chat whose older part is left out or
 * edited is something else. Within one answer nothing before its thoughts changes.
 */
const forgets = ({ kind }: Provider, modelId: string): boolean =>
  kind === "anthropic" || /(^|\/)claude-/.test(modelId);

/** The language model for a request. `line` hears of every byte that its server sends. Loads a provider's package when it is first used. */
export async function connect(request: ModelRequest, line: Line): Promise<ConnectedModel> {
  const { provider, modelId } = request;
  requireReadableKey(provider);
  const asked = withRefusedThoughts(await modelOf(provider, modelId, line));
  const model = withCallSettings(withProviderTools(asked), request);
  return { model, id: storedId(provider, modelId), forgets: forgets(provider, modelId) };
}

function modelOf(
  provider: Provider,
  modelId: string,
  line: Line,
): Promise<LanguageModelV3> | LanguageModelV3 {
  const { kind, api, server } = provider;
  switch (kind) {
    case "openai":
    case "azure":
      return openaiModel(modelId, provider, line);
    case "openaiCompatible":
    case "xai":
      return api === "responses"
        ? openaiModel(modelId, provider, line)
        : openaiCompatibleModel(modelId, server, line);
    case "anthropic":
      return anthropicModel(modelId, server, line);
    case "google":
      return googleModel(modelId, server, line);
    case "openrouter":
      return openrouterModel(modelId, server, line);
    case "deepseek":
      return deepseekModel(modelId, server, line);
    default:
      return kind satisfies never;
  }
}
