import { log } from "../model/log";
import { withoutSecrets } from "../model/secrets";
import type { ModelChoice } from "../model/validators";
import { DEMO_MODEL } from "./demoReplies";
import { fetchModels } from "./fetchModels";
import { offered, type ListedModel } from "./listedModels";
import { OPENAI_URL, providerSettings, type ModelServer } from "./settings";

export type ModelList = {
  models: ModelChoice[];
  defaultModel: string | null;
  connected: boolean;
  error: string | null;
};

/** As many as a result of a function may hold. */
const MAX_MODELS = 8_000;

/** The models of the connected server. Never rejects: a list that cannot be read leaves the default to choose. */
export async function listModels(): Promise<ModelList> {
  const settings = providerSettings();
  switch (settings.kind) {
    case "demo":
      return { models: [DEMO_MODEL], defaultModel: DEMO_MODEL.id, connected: false, error: null };
    case "openai": {
      const { models, error } = await tryFetch({ baseURL: OPENAI_URL, apiKey: settings.apiKey });
      const ids = models.map(({ id }) => id).filter(isOpenaiChatModel);
      return withDefault(ids.sort(), settings.defaultModel, error);
    }
    case "openaiCompatible": {
      const { models, error } = await tryFetch(settings);
      const { ids, byDefault } = offered(models);
      const none = error === null && ids.length === 0 ? noModels(settings) : error;
      return withDefault(ids, settings.defaultModel ?? byDefault, none);
    }
    default:
      return settings satisfies never;
  }
}

async function tryFetch(server: ModelServer): Promise<{ models: ListedModel[]; error: string | null }> {
  try {
    return { models: await fetchModels(server), error: null };
  } catch (error) {
    return { models: [], error: withoutSecrets(error instanceof Error ? error.message : String(error)) };
  }
}

const noModels = ({ baseURL, defaultModel }: ModelServer & { defaultModel: string | null }): string | null =>
  defaultModel === null
    ? `The model server at ${baseURL} lists no model that can chat. Install or load one there, or set OPENAI_MODEL.`
    : null;

function withDefault(ids: string[], defaultModel: string | null, error: string | null): ModelList {
  const all = defaultModel === null || ids.includes(defaultModel) ? ids : [defaultModel, ...ids];
  if (all.length > MAX_MODELS) {
    log(
      "MODELS",
      `The server has ${all.length} models; ${MAX_MODELS} are shown. VERBATIM_MODELS can name others`,
    );
  }
  const models = all.slice(0, MAX_MODELS).map((id) => ({ id, name: id }));
  return { models, defaultModel, connected: true, error };
}

/** OpenAI lists everything it has; these are the names of models that one can chat with. */
function isOpenaiChatModel(id: string): boolean {
  return (
    /^(gpt-|o\d|chatgpt-)/.test(id) &&
    !/(audio|realtime|transcribe|tts|image|search|instruct|embedding|moderation|codex)/.test(id)
  );
}
