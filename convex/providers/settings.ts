/** Which model server is connected, from the environment. */
export type ProviderSettings =
  | { kind: "demo" }
  | { kind: "openai"; apiKey: string; defaultModel: string }
  /** Any server with OpenAI's chat API. Without `defaultModel` the first of its `/models` is used. */
  | ({ kind: "openaiCompatible"; defaultModel: string | null } & ModelServer);

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

/** Used with OpenAI when `OPENAI_MODEL` names no other. */
const OPENAI_DEFAULT_MODEL = "gpt-5-mini";

function setting(name: string): string | null {
  const value = process.env[name]?.trim();
  return value === undefined || value === "" ? null : value;
}

/** `OPENAI_BASE_URL` connects a compatible server, `OPENAI_API_KEY` alone OpenAI; with neither there is the demo model. */
export function providerSettings(): ProviderSettings {
  const baseURL = setting("OPENAI_BASE_URL");
  const apiKey = setting("OPENAI_API_KEY");
  const defaultModel = setting("OPENAI_MODEL");
  if (baseURL !== null) {
    return { kind: "openaiCompatible", ...serverAt(baseURL), apiKey, defaultModel };
  }
  if (apiKey !== null) return { kind: "openai", apiKey, defaultModel: defaultModel ?? OPENAI_DEFAULT_MODEL };
  return { kind: "demo" };
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
