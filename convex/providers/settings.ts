import { UNPREFIXED } from "../shared/modelIds";
import { matchesAny } from "../shared/modelPatterns";
import { OPENAI_SETTINGS, type ProviderSettings } from "../shared/problems";
import {
  readProviderConfig,
  type ChatApi,
  type ProviderConfig,
  type ProviderKind,
} from "../shared/providerConfig";
import { NO_OWN_KEYS, ownKeysAreOffered, type OwnKey, type OwnKeys } from "./ownKeys";
import { asArray, asRecord, parseJson } from "./wire/json";

/**
 * Which model providers are connected: from the environment, and those that the owner's page has added (`model/modelProviders/`).
 *
 * - `usableWith(allProviders(added), own)`: those that a person with these keys of their own can use, with these keys, in the order in which they are shown; the first one's default model is that of new chats. None: the demo.
 * - `providerOf(config)`: one of the owner's entries, or anybody's, with all that it leaves out filled in.
 * - A model's id, as it is stored and sent over the wire, names its provider: `anthropic::claude-opus-4-1`. Ids of the provider `openai`
 *   have no prefix: they had none while there was one provider. `modelIds.ts` makes and reads them.
 * - `connect({ provider, modelId, effort?, temperature?, topP?, maxOutputTokens? }, line)` in `connect.ts` is the one place that
 *   makes a language model. `connectModel(id, line)` finds the provider of a stored id and calls it.
 * - `listProviders()` in `listModels.ts` asks every provider at once for its models; each has its own error.
 */

/** A connected provider. Holds its key: never returned to a client. */
export type Provider = {
  /** Short and stable: part of the ids of its models. */
  id: string;
  /** For people. */
  name: string;
  kind: ProviderKind;
  server: ModelServer;
  api: ChatApi;
  /** The model that answers where none is chosen; null: the first that the provider lists. */
  defaultModel: string | null;
  models: { show: string[]; hide: string[]; add: string[] };
  /** Its service wants a key, and the owner has named none: it is for people with a key of their own. */
  forOwnKeys: boolean;
  /** Its key is a person's own, or was: `lost`. Absent: it is the owner's, if there is one. */
  ownKey?: OwnKey["state"];
  /** The owner's key was set on their page and can no longer be read. */
  isKeyLost?: true;
  /** Where the owner has set it. */
  origin: ProviderOrigin;
  /** Where the owner sets what a failure may ask for. */
  settings: ProviderSettings;
};

/** `file`: `verbatim.config.json`, or `VERBATIM_PROVIDERS` on Convex. `page`: the owner's. */
export type ProviderOrigin = { kind: "file" } | { kind: "variable"; name: string } | { kind: "page" };

/** Providers in the order in which they are shown. `fault`: what is wrong with `VERBATIM_PROVIDERS`. */
export type Connected = { providers: Provider[]; fault: string | null };

/** A model server and what it asks of its callers. */
export type ModelServer = {
  /** Without user, password and query. */
  baseURL: string;
  apiKey: string | null;
  /** The user and password that the address was set with: `fetch` takes none in a URL. */
  login?: { user: string; password: string };
  /** What follows each path, "?…"; some gateways take their key so. */
  query?: string;
};

/** OpenAI's own API. */
export const OPENAI_URL = "https://api.openai.com/v1";

/** Each kind's own service, and which of its models is the default where its owner names none: one that is not the dearest. */
const KINDS: Record<ProviderKind, { name: string; baseURL: string; preferred?: RegExp }> = {
  openai: { name: "OpenAI", baseURL: OPENAI_URL },
  openaiCompatible: { name: "", baseURL: "" },
  anthropic: { name: "Anthropic", baseURL: "https://api.anthropic.com/v1", preferred: /sonnet/ },
  google: {
    name: "Google",
    baseURL: "https://generativelanguage.googleapis.com/v1beta",
    preferred: /^gemini-flash-latest$|^gemini-[\d.]+-flash$/,
  },
  openrouter: {
    name: "OpenRouter",
    baseURL: "https://openrouter.ai/api/v1",
    preferred: /^openrouter\/auto$/,
  },
  azure: { name: "Azure", baseURL: "" },
  xai: { name: "xAI", baseURL: "https://api.x.ai/v1" },
  deepseek: { name: "DeepSeek", baseURL: "https://api.deepseek.com" },
};

/** Used with OpenAI when its owner names no other: it need not be asked first. */
const OPENAI_DEFAULT_MODEL = "gpt-5-mini";

/** Which of these models of a provider answers where its owner has named no default; null for none. */
export const preferredOf = ({ kind }: Pick<Provider, "kind">, ids: readonly string[]): string | null =>
  ids.find((id) => KINDS[kind].preferred?.test(id)) ?? ids[0] ?? null;

/** Variables that each connect a provider without any file. */
const KEY_VARIABLES = {
  ANTHROPIC_API_KEY: "anthropic",
  GOOGLE_GENERATIVE_AI_API_KEY: "google",
  OPENROUTER_API_KEY: "openrouter",
  XAI_API_KEY: "xai",
  DEEPSEEK_API_KEY: "deepseek",
} as const satisfies Record<string, ProviderKind>;

function setting(name: string): string | null {
  const value = process.env[name]?.trim();
  return value === undefined || value === "" ? null : value;
}

/**
 * What the owner has set, whoever can use it: in the environment, and behind that what their page has added. Of two with one id the
 * environment's counts.
 */
export function allProviders(added: readonly Provider[]): Connected {
  const { providers, fault } = providersOfEnvironment();
  const others = added.filter(({ id }) => !providers.some((one) => one.id === id));
  return { providers: [...providers, ...others], fault };
}

function providersOfEnvironment(): Connected {
  const { configs, fault } = configured();
  const ownEntries = configs.map((config) => providerOf(config));
  const isThere = (variable: string, id: string) =>
    configs.some((config) => config.id === id || config.apiKeyEnv === variable);
  const first = fromOpenaiVariables();
  const byKey = Object.entries(KEY_VARIABLES).flatMap(([variable, kind]) => {
    if (setting(variable) === null || isThere(variable, kind)) return [];
    return [providerOf({ id: kind, kind, apiKeyEnv: variable }, { kind: "variable", name: variable })];
  });
  const azure = isThere("AZURE_API_KEY", "azure") ? null : fromAzureVariables();
  const openai = first === null || isThere("OPENAI_API_KEY", first.id) ? [] : [first];
  return { providers: [...openai, ...ownEntries, ...byKey, ...(azure === null ? [] : [azure])], fault };
}

/** Those of them that a person with these keys can use; none while there is only the demo. */
export function usableWith({ providers, fault }: Connected, own: OwnKeys = NO_OWN_KEYS): Connected {
  return { providers: providers.flatMap((provider) => withOwnKey(provider, own.get(provider.id))), fault };
}

function withOwnKey(provider: Provider, key: OwnKey | undefined): Provider[] {
  // Where nobody can set one, its failures say that a key is missing.
  if (key === undefined) return provider.forOwnKeys && ownKeysAreOffered() ? [] : [provider];
  const apiKey = key.state === "open" ? key.apiKey : null;
  return [{ ...provider, server: { ...provider.server, apiKey }, ownKey: key.state }];
}

/**
 * Every key that is set in the environment, also of providers whose entry has a fault, and every address, which may hold a user, a password or a key in its
 * query: for `model/secrets.ts`, which takes them out of texts.
 */
export function providerSecrets(): { keys: string[]; addresses: string[] } {
  const entries = rawEntries();
  const named = entries.flatMap(({ apiKeyEnv }) => (typeof apiKeyEnv === "string" ? [apiKeyEnv] : []));
  const variables = ["OPENAI_API_KEY", "AZURE_API_KEY", ...Object.keys(KEY_VARIABLES), ...named];
  const textOf = (value: unknown) => (typeof value === "string" ? [value.trim()] : []);
  return {
    keys: [
      ...variables.flatMap((name) => setting(name) ?? []),
      ...entries.flatMap(({ apiKey }) => textOf(apiKey)),
    ],
    addresses: [
      ...["OPENAI_BASE_URL", "AZURE_BASE_URL"].flatMap((name) => setting(name) ?? []),
      ...entries.flatMap(({ baseURL }) => textOf(baseURL)),
    ],
  };
}

/** What `VERBATIM_PROVIDERS` holds, unchecked. */
function rawEntries(): Record<string, unknown>[] {
  const value = parseJson(setting("VERBATIM_PROVIDERS") ?? "");
  const list = Array.isArray(value) ? (value as unknown[]) : asArray(asRecord(value)?.providers);
  return list.map(asRecord).filter((entry) => entry !== null);
}

function configured(): { configs: ProviderConfig[]; fault: string | null } {
  const text = setting("VERBATIM_PROVIDERS");
  if (text === null) return { configs: [], fault: null };
  const value = parseJson(text);
  if (value === undefined)
    return {
      configs: [],
      fault: "VERBATIM_PROVIDERS is no JSON. Set it to what verbatim.config.json holds.",
    };
  const { providers: configs, faults } = readProviderConfig(value);
  const [first] = faults;
  const fault = first && `VERBATIM_PROVIDERS, ${first.path.join(".") || "its top"}: ${first.message}`;
  return { configs, fault: fault ?? null };
}

/** `OPENAI_BASE_URL` connects a compatible server, or with `OPENAI_API=responses` a gateway; `OPENAI_API_KEY` alone OpenAI. */
function fromOpenaiVariables(): Provider | null {
  const baseURL = setting("OPENAI_BASE_URL");
  const apiKey = setting("OPENAI_API_KEY");
  if (baseURL === null && apiKey === null) return null;
  const defaultModel = setting("OPENAI_MODEL");
  const api = setting("OPENAI_API")?.toLowerCase();
  const name = apiKey === null ? "OPENAI_BASE_URL" : "OPENAI_API_KEY";
  const config: ProviderConfig = {
    id: UNPREFIXED,
    kind: baseURL === null ? "openai" : "openaiCompatible",
    ...(baseURL !== null && { baseURL }),
    ...((api === "chat" || api === "responses") && { api }),
    ...(apiKey !== null && { apiKeyEnv: "OPENAI_API_KEY" }),
    ...(defaultModel !== null && { defaultModel }),
  };
  return { ...providerOf(config, { kind: "variable", name }), settings: OPENAI_SETTINGS };
}

/** Azure lists no deployments to whoever has the key alone, so that the owner names them, separated by commas. */
function fromAzureVariables(): Provider | null {
  const resource = setting("AZURE_RESOURCE_NAME");
  const baseURL = setting("AZURE_BASE_URL") ?? (resource && `https://${resource}.openai.azure.com`);
  if (setting("AZURE_API_KEY") === null || baseURL === null) return null;
  const add = (setting("AZURE_DEPLOYMENTS") ?? "").split(",").flatMap((name) => name.trim() || []);
  const apiKeyEnv = "AZURE_API_KEY";
  const config: ProviderConfig = { id: "azure", kind: "azure", apiKeyEnv, baseURL, models: { add } };
  return {
    ...providerOf(config, { kind: "variable", name: apiKeyEnv }),
    settings: { key: "AZURE_API_KEY", address: "AZURE_BASE_URL", model: "AZURE_DEPLOYMENTS" },
  };
}

/** An entry with all that it leaves out filled in. */
export function providerOf(config: ProviderConfig, origin: ProviderOrigin = { kind: "file" }): Provider {
  const { id, kind, models = {} } = config;
  const own = KINDS[kind];
  const server = serverAt(addressOf(config));
  const { show = [], hide = [], add = [] } = models;
  const entry = (field: string) => `${field} of “${id}” in verbatim.config.json`;
  return {
    id,
    name: config.name?.trim() ?? (own.name || hostOf(server.baseURL)),
    kind,
    server: {
      ...server,
      apiKey: config.apiKey?.trim() ?? (config.apiKeyEnv === undefined ? null : setting(config.apiKeyEnv)),
    },
    api: config.api ?? (kind === "openai" || kind === "azure" ? "responses" : "chat"),
    defaultModel: config.defaultModel?.trim() ?? ownDefault(kind, { show, hide, add }),
    models: { show, hide, add },
    forOwnKeys:
      (kind === "azure" || config.baseURL === undefined) &&
      config.apiKey === undefined &&
      config.apiKeyEnv === undefined,
    origin,
    settings:
      origin.kind === "page"
        ? { key: id, address: id, model: id, isOnPage: true }
        : {
            key: config.apiKeyEnv ?? entry("apiKey"),
            address: entry("baseURL"),
            model: entry("defaultModel"),
          },
  };
}

const ownDefault = (kind: ProviderKind, models: Provider["models"]): string | null =>
  kind === "openai" && isShown(OPENAI_DEFAULT_MODEL, models) ? OPENAI_DEFAULT_MODEL : null;

function addressOf({ kind, baseURL }: ProviderConfig): string {
  if (baseURL === undefined) return KINDS[kind].baseURL;
  // The API with its version in the path needs none in a query. Other clients are given the address with or without "/openai".
  if (kind !== "azure" || !URL.canParse(baseURL)) return baseURL;
  const url = new URL(baseURL);
  if (/^\/(openai\/?)?$/.test(url.pathname)) url.pathname = "/openai/v1";
  return url.href;
}

const hostOf = (address: string): string => (URL.canParse(address) ? new URL(address).host : address);

/** Does the owner let this model be chosen? */
export function isShown(model: string, { show, hide }: Provider["models"]): boolean {
  return (show.length === 0 || matchesAny(model, show)) && !matchesAny(model, hide);
}

/** Takes an address apart. One that is no URL stays as it is, so that the error about it can name it. */
function serverAt(address: string): Pick<ModelServer, "baseURL" | "login" | "query"> {
  if (!URL.canParse(address)) return { baseURL: address.replace(/\/+$/, "") };
  const { username, password, search, origin, pathname } = new URL(address);
  return {
    baseURL: `${origin}${pathname}`.replace(/\/+$/, ""),
    ...(`${username}${password}` !== "" && {
      login: { user: decoded(username), password: decoded(password) },
    }),
    ...(search !== "" && { query: search }),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** How a request shows who it comes from. A key goes before a login: both have the same header. */
export function authorization({
  apiKey,
  login,
}: Pick<ModelServer, "apiKey" | "login">): Record<string, string> {
  if (apiKey !== null) return { Authorization: `Bearer ${apiKey}` };
  if (login === undefined) return {};
  const bytes = new TextEncoder().encode(`${login.user}:${login.password}`);
  return { Authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}
