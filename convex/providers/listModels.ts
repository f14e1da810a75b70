import type { ModelChoice } from "../model/validators";
import { DEMO_MODEL } from "./demoReplies";
import { fetchModelIds } from "./fetchModelIds";
import { OPENAI_URL, providerSettings } from "./settings";

export type ModelList = {
  models: ModelChoice[];
  defaultModel: string | null;
  connected: boolean;
  error: string | null;
};

/** The models of the connected server. Never rejects: a list that cannot be read leaves the default to choose. */
export async function listModels(): Promise<ModelList> {
  const settings = providerSettings();
  switch (settings.kind) {
    case "demo":
      return { models: [DEMO_MODEL], defaultModel: DEMO_MODEL.id, connected: false, error: null };
    case "openai": {
      const { ids, error } = await tryFetch({ baseURL: OPENAI_URL, apiKey: settings.apiKey });
      return withDefault(ids.filter(isChatModel).sort(), settings.defaultModel, error);
    }
    case "openaiCompatible": {
      const { ids, error } = await tryFetch(settings);
      return withDefault(ids, settings.defaultModel ?? ids[0] ?? null, error);
    }
    default:
      return settings satisfies never;
  }
}

async function tryFetch(server: { baseURL: string; apiKey: string | null }) {
  try {
    return { ids: await fetchModelIds(server), error: null };
  } catch (error) {
    return { ids: [], error: error instanceof Error ? error.message : String(error) };
  }
}

function withDefault(ids: string[], defaultModel: string | null, error: string | null): ModelList {
  const all = defaultModel === null || ids.includes(defaultModel) ? ids : [defaultModel, ...ids];
  return { models: all.map((id) => ({ id, name: id })), defaultModel, connected: true, error };
}

/** OpenAI lists everything it has; these are the names of models that one can chat with. */
function isChatModel(id: string): boolean {
  return (
    /^(gpt-|o\d|chatgpt-)/.test(id) &&
    !/(audio|realtime|transcribe|tts|image|search|instruct|embedding|moderation|codex)/.test(id)
  );
}
