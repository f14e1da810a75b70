import { anthropic } from "./anthropic.ts";
import { deepseek, openrouter, xai } from "./chat.ts";
import { google } from "./google.ts";
import { llamaCpp, lmStudio, ollama, vllm } from "./home.ts";
import { azure, openai } from "./openai.ts";

/** What each provider sends, in its own format. */
export const PROVIDER_SCRIPTS = {
  ...{ openai, azure, anthropic, google, openrouter, xai, deepseek },
  ...{ ollama, llamaCpp, vllm, lmStudio },
};
export type ScriptName = keyof typeof PROVIDER_SCRIPTS;
export const SCRIPT_NAMES = Object.keys(PROVIDER_SCRIPTS) as ScriptName[];
