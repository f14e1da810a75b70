/** Which model server is connected, from the environment. */
export type ProviderSettings =
  | { kind: "demo" }
  | { kind: "openai"; apiKey: string; defaultModel: string }
  /** Any server with OpenAI's chat API. Without `defaultModel` the first of its `/models` is used. */
  | { kind: "openaiCompatible"; baseURL: string; apiKey: string | null; defaultModel: string | null };

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
    return { kind: "openaiCompatible", baseURL: baseURL.replace(/\/+$/, ""), apiKey, defaultModel };
  }
  if (apiKey !== null) return { kind: "openai", apiKey, defaultModel: defaultModel ?? OPENAI_DEFAULT_MODEL };
  return { kind: "demo" };
}
