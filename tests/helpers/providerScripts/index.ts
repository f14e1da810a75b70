import { anthropic } from "./anthropic.ts";
import { deepseek, openrouter, xai } from "./chat.ts";
import { google } from "./google.ts";
import { llamaCpp } from "./llamaCpp.ts";
import { lmStudio } from "./lmStudio.ts";
import { ollama } from "./ollama.ts";
import { azure, openai } from "./openai.ts";
import { vllm } from "./vllm.ts";

/** What each provider sends, in its own format. */
export const PROVIDER_SCRIPTS = {
  ...{ openai, azure, anthropic, google, openrouter, xai, deepseek },
  ...{ ollama, llamaCpp, vllm, lmStudio },
};
export type ScriptName = keyof typeof PROVIDER_SCRIPTS;
export const SCRIPT_NAMES = Object.keys(PROVIDER_SCRIPTS) as ScriptName[];
