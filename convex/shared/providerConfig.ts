import { isRecord, isText, isWebAddress, type ConfigFault, type ConfigRule } from "./configFault";

/** Model providers as an owner writes them down: in `verbatim.config.json`, on Convex as JSON in `VERBATIM_PROVIDERS`, or on their page. */

/** Each names an API. `openaiCompatible` is any server with OpenAI's chat API: Ollama, LM Studio, vLLM, llama.cpp, … */
export const PROVIDER_KINDS = [
  "openai",
  "openaiCompatible",
  "anthropic",
  "google",
  "openrouter",
  "azure",
  "xai",
  "deepseek",
] as const;
export type ProviderKind = (typeof PROVIDER_KINDS)[number];

/** OpenAI's two APIs. */
export const CHAT_APIS = ["chat", "responses"] as const;
export type ChatApi = (typeof CHAT_APIS)[number];

export type ProviderConfig = {
  id: string;
  kind: ProviderKind;
  name?: string;
  apiKey?: string;
  /** The environment variable that holds the key. */
  apiKeyEnv?: string;
  baseURL?: string;
  api?: ChatApi;
  /** `show` and `hide` have `*` for any text; `add` names models that the provider does not list. */
  models?: { show?: string[]; hide?: string[]; add?: string[] };
  defaultModel?: string;
};

/** Short and stable: it is part of the ids of models in stored chats. */
const ID = /^[a-z0-9][a-z0-9_-]{0,31}$/i;
const VARIABLE = /^[A-Z][A-Z0-9_]{0,63}$/;
const FIELDS = ["id", "kind", "name", "apiKey", "apiKeyEnv", "baseURL", "api", "models", "defaultModel"];
const MODEL_FIELDS = ["show", "hide", "add"];

/** More are a mistake. */
const MAX_PROVIDERS = 50;

/** Kinds whose address is nobody's but the owner's. */
export const NEEDS_ADDRESS: readonly ProviderKind[] = ["openaiCompatible", "azure"];

/**
 * Reads `{ "providers": [ … ] }`, or the list alone. Entries with a fault are left out, so that the others go on working; whoever reads a
 * file for the first time shows the faults instead.
 */
export function readProviderConfig(value: unknown): { providers: ProviderConfig[]; faults: ConfigFault[] } {
  const faults: ConfigFault[] = [];
  const isList = Array.isArray(value);
  if (!isList && !isRecord(value)) {
    return { providers: [], faults: [{ path: [], message: 'It must be { "providers": [ … ] }.' }] };
  }
  const path = isList ? [] : ["providers"];
  if (!isList) {
    for (const name of Object.keys(value)) {
      if (["providers", "mcpServers", "$schema"].includes(name)) continue;
      faults.push({
        path: [name],
        message: `There is no setting "${name}". There are: providers, mcpServers.`,
      });
    }
  }
  const list: unknown = isList ? value : (value["providers"] ?? []);
  if (!Array.isArray(list)) {
    return { providers: [], faults: [...faults, { path, message: "It must be a list: [ { … }, { … } ]." }] };
  }
  if (list.length > MAX_PROVIDERS) {
    faults.push({ path, message: `There may be ${MAX_PROVIDERS} providers at most.` });
  }
  const providers: ProviderConfig[] = [];
  for (const [index, entry] of (list as unknown[]).slice(0, MAX_PROVIDERS).entries()) {
    const found = faultsOf(entry).map((fault) => ({ ...fault, path: [...path, index, ...fault.path] }));
    const provider = entry as ProviderConfig;
    if (found.length === 0 && providers.some(({ id }) => id === provider.id)) {
      const message = `Another provider has the id "${provider.id}". Give each its own.`;
      found.push({ path: [...path, index, "id"], message });
    }
    faults.push(...found);
    if (found.length === 0) providers.push(provider);
  }
  return { providers, faults };
}

function faultsOf(entry: unknown): ConfigFault[] {
  if (!isRecord(entry)) return [{ path: [], message: 'A provider is { "id": …, "kind": …, … }.' }];
  const faults: ConfigFault[] = [];
  const fault = (path: ConfigFault["path"], message: string, rule?: ConfigRule) =>
    void faults.push({ path, message, ...(rule && { rule }) });
  const { id, kind, api, apiKeyEnv, baseURL, models } = entry;
  for (const name of Object.keys(entry)) {
    if (!FIELDS.includes(name))
      fault([name], `There is no field "${name}". There are: ${FIELDS.join(", ")}.`);
  }
  if (typeof id !== "string" || !ID.test(id)) {
    fault(["id"], 'It must be a short name of letters, digits, "-" and "_", for example "anthropic".', "id");
  }
  if (!PROVIDER_KINDS.some((known) => known === kind)) {
    fault(["kind"], `It must be one of ${PROVIDER_KINDS.join(", ")}.`);
  }
  if (api !== undefined && !CHAT_APIS.some((known) => known === api)) {
    fault(["api"], 'It must be "chat" or "responses".');
  } else if (api === "responses" && !hasBothApis(kind)) {
    fault(["api"], `Providers of kind ${String(kind)} have no Responses API. Remove this field.`);
  }
  for (const name of ["name", "apiKey", "defaultModel"]) {
    if (entry[name] !== undefined && !isText(entry[name]))
      fault([name], "It must be a text that is not empty.");
  }
  if (apiKeyEnv !== undefined && (typeof apiKeyEnv !== "string" || !VARIABLE.test(apiKeyEnv))) {
    fault(["apiKeyEnv"], 'It must name an environment variable, for example "ANTHROPIC_API_KEY".');
  }
  if (entry["apiKey"] !== undefined && apiKeyEnv !== undefined) {
    fault(["apiKeyEnv"], "There is an apiKey already. Remove one of the two.");
  }
  if (baseURL !== undefined && !isWebAddress(baseURL)) {
    fault(["baseURL"], "It must be a web address, for example https://models.example.com/v1.", "address");
  }
  if (baseURL === undefined && NEEDS_ADDRESS.some((known) => known === kind)) {
    fault([], `A provider of kind ${String(kind)} needs a baseURL: its address.`, "addressNeeded");
  }
  if (models !== undefined) faults.push(...faultsOfModels(models));
  return faults;
}

/** Do providers of this kind have the Responses API beside chat completions? */
export const hasBothApis = (kind: unknown): boolean =>
  ["openai", "openaiCompatible", "azure", "xai"].some((known) => known === kind);

function faultsOfModels(models: unknown): ConfigFault[] {
  if (!isRecord(models))
    return [{ path: ["models"], message: 'It must be { "show": [ … ], "hide": [ … ] }.' }];
  return Object.entries(models).flatMap(([name, list]): ConfigFault[] => {
    const path = ["models", name];
    if (!MODEL_FIELDS.includes(name)) {
      return [{ path, message: `There is no field "${name}". There are: ${MODEL_FIELDS.join(", ")}.` }];
    }
    const isNames = Array.isArray(list) && (list as unknown[]).every(isText);
    return isNames ? [] : [{ path, message: 'It must be a list of names, for example ["claude-*"].' }];
  });
}
