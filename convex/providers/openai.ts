import { createOpenAI } from "@ai-sdk/openai";
import type { LanguageModelV3 } from "@ai-sdk/provider";
import { defaultSettingsMiddleware, wrapLanguageModel } from "ai";
import { withChatExtras } from "./chatExtras";
import { withReasoningSummaries } from "./reasoningSummaries";
import { authorization, type Provider } from "./settings";
import type { Line } from "./wire/replyReader";
import { tolerantFetch } from "./wire/tolerantFetch";
import { withQuery } from "./withQuery";

/** A model of OpenAI's own APIs, at OpenAI, at Azure or at a gateway. `line` hears of every byte that it sends. */
export function openaiModel(
  modelId: string,
  { kind, api, server }: Pick<Provider, "kind" | "api" | "server">,
  line: Line,
): LanguageModelV3 {
  const { apiKey, baseURL } = server;
  const fetch = withQuery(server, tolerantFetch(api, line));
  const provider = createOpenAI({
    // Given in any case: what is left out, the package takes from the environment.
    apiKey: apiKey ?? "",
    baseURL,
    ...(apiKey === null && { headers: authorization(server) }),
    fetch: kind === "azure" ? withAzureKey(apiKey ?? "", fetch) : fetch,
  });
  if (api === "chat") return withChatExtras(provider.chat(modelId), { thoughts: true });
  return withChatExtras(withReasoningSummaries(withoutStore(provider.responses(modelId))));
}

/**
 * Nothing is kept at OpenAI: thoughts come encrypted, and go back with what tools gave. Those that OpenAI kept would be gone after 30 days, and servers
 * that only speak its API keep none.
 */
const withoutStore = (model: LanguageModelV3): LanguageModelV3 =>
  wrapLanguageModel({
    model,
    middleware: defaultSettingsMiddleware({ settings: { providerOptions: { openai: { store: false } } } }),
  });

/** Azure has a header of its own for keys; a bearer token there is one of its directory. */
function withAzureKey(apiKey: string, fetch: typeof globalThis.fetch): typeof fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers);
    headers.delete("authorization");
    headers.set("api-key", apiKey);
    return fetch(input, { ...init, headers });
  };
}
