import type { ModelFacts } from "../shared/modelFacts";
import type { ProviderKind } from "../shared/providerConfig";

/** Dollars for a million tokens; what was read from a cache, where that price is known. */
type Prices = readonly [input: number, output: number, cached?: number];

const pricesOf = ([input, output, cached]: Prices) => ({
  prices: { input, output, ...(cached !== undefined && { cached }) },
});

const OPENAI: readonly ProviderKind[] = ["openai", "azure"];

type Known = { kinds: readonly ProviderKind[]; id: RegExp; facts: ModelFacts };

const chat = (id: RegExp, contextLength: number, maxOutput: number, prices: Prices): Known => ({
  kinds: OPENAI,
  id,
  facts: { contextLength, maxOutput, tools: true, ...pricesOf(prices) },
});

/** Anthropic's list tells the lengths. */
const claude = (id: RegExp, prices: Prices): Known => ({
  kinds: ["anthropic"],
  id,
  facts: pricesOf(prices),
});

const gemini = (id: RegExp, prices: Prices): Known => ({
  kinds: ["google"],
  id,
  facts: { contextLength: 1_048_576, maxOutput: 65_536, reasoning: true, ...pricesOf(prices) },
});

/**
 * What is known of models whose provider's list says little more than their ids: OpenAI's, DeepSeek's, and prices of Anthropic's and
 * Google's. Checked on 2026-11-22 against copies of the providers' pages of prices and models, the newest of 2026-11, and against
 * pydantic/genai-prices of 2026-08. Prices change and models come: what a list says goes before it, and what was found nowhere, changes
 * with the hour (DeepSeek) or on an announced day (Gemini 3.6 and 3.7 Flash) is left out. Where long prompts cost more it is the price of
 * the others: up to 272,000 tokens at OpenAI, 200,000 at Google.
 */
const KNOWN: readonly Known[] = [
  chat(/^gpt-5-mini(-\d|$)/, 400_000, 128_000, [0.25, 2, 0.025]),
  chat(/^gpt-5-nano(-\d|$)/, 400_000, 128_000, [0.05, 0.4, 0.005]),
  chat(/^gpt-5(\.1)?(-\d|$)/, 400_000, 128_000, [1.25, 10, 0.125]),
  chat(/^gpt-5\.2(-\d|$)/, 400_000, 128_000, [1.75, 14, 0.175]),
  chat(/^gpt-5\.4(-\d|$)/, 1_050_000, 128_000, [2.5, 15, 0.25]),
  chat(/^gpt-5\.4-mini(-\d|$)/, 400_000, 128_000, [0.75, 4.5, 0.075]),
  chat(/^gpt-5\.4-nano(-\d|$)/, 400_000, 128_000, [0.2, 1.25, 0.02]),
  chat(/^gpt-5\.5(-\d|$)/, 1_050_000, 128_000, [5, 30, 0.5]),
  chat(/^gpt-5\.6(-sol)?(-\d|$)/, 1_050_000, 128_000, [4, 20, 0.4]),
  chat(/^gpt-5\.6-terra(-\d|$)/, 1_050_000, 128_000, [2, 12, 0.2]),
  chat(/^gpt-5\.6-luna(-\d|$)/, 1_050_000, 128_000, [0.2, 1.2, 0.02]),
  chat(/^gpt-6-astra(-\d|$)/, 1_050_000, 128_000, [10, 50, 1]),
  chat(/^gpt-6\.2-astra(-\d|$)/, 1_050_000, 128_000, [8, 40, 0.4]),
  chat(/^gpt-6(\.[12])?-sol(-\d|$)/, 1_050_000, 128_000, [2, 10, 0.2]),
  chat(/^gpt-6\.1-terra(-\d|$)/, 1_050_000, 128_000, [1, 5, 0.05]),
  chat(/^gpt-6-luna(-\d|$)/, 1_050_000, 128_000, [0.1, 0.5, 0.01]),
  chat(/^o3(-\d|$)/, 200_000, 100_000, [2, 8, 0.5]),
  chat(/^o4-mini(-\d|$)/, 200_000, 100_000, [1.1, 4.4, 0.275]),
  chat(/^gpt-4\.1(-\d|$)/, 1_047_576, 32_768, [2, 8, 0.5]),
  chat(/^gpt-4\.1-mini(-\d|$)/, 1_047_576, 32_768, [0.4, 1.6, 0.1]),
  chat(/^gpt-4\.1-nano(-\d|$)/, 1_047_576, 32_768, [0.1, 0.4, 0.025]),
  // Its first version cost twice as much.
  chat(/^gpt-4o(-2024-(08|11)|$)/, 128_000, 16_384, [2.5, 10, 1.25]),
  chat(/^gpt-4o-mini(-\d|$)/, 128_000, 16_384, [0.15, 0.6, 0.075]),
  claude(/^claude-fable-5(-1)?(-\d{8}|$)/, [10, 50, 1]),
  claude(/^claude-opus-5-5(-\d{8}|$)/, [4, 20, 0.2]),
  claude(/^claude-opus-(4-[5-8]|5)(-\d{8}|$)/, [5, 25, 0.5]),
  claude(/^claude-opus-4(-[01])?(-\d{8}|$)/, [15, 75, 1.5]),
  claude(/^claude-sonnet-5(-5)?(-\d{8}|$)/, [2, 10, 0.2]),
  claude(/^claude-sonnet-4(-[056])?(-\d{8}|$)/, [3, 15, 0.3]),
  claude(/^claude-haiku-4-5(-\d{8}|$)/, [1, 5, 0.1]),
  {
    kinds: ["anthropic"],
    id: /^claude-(opus|sonnet|haiku)-4(-[015])?(-\d{8}|$)/,
    facts: { contextLength: 200_000 },
  },
  gemini(/^gemini-2\.5-flash$/, [0.3, 2.5, 0.03]),
  gemini(/^gemini-2\.5-flash-lite$/, [0.1, 0.4, 0.01]),
  gemini(/^gemini-2\.5-pro$/, [1.25, 10, 0.125]),
  gemini(/^gemini-3(\.1)?-pro-preview$/, [2, 12, 0.2]),
  gemini(/^gemini-3-flash-preview$/, [0.5, 3, 0.05]),
  gemini(/^gemini-3\.1-flash-lite$/, [0.25, 1.5, 0.025]),
  gemini(/^gemini-3\.5-flash$/, [1.5, 9, 0.15]),
  gemini(/^gemini-3\.5-flash-lite$/, [0.3, 2.5, 0.03]),
  // Whatever the version: all of a kind can do this.
  {
    kinds: ["openai", "azure"],
    id: /^(o\d|gpt-[5-9])(?!\S*-chat)/,
    facts: { images: true, pdf: true, tools: true, reasoning: true },
  },
  {
    kinds: ["openai", "azure"],
    id: /^(gpt-4o|gpt-4\.1|gpt-[5-9]|chatgpt-)/,
    facts: { images: true, pdf: true },
  },
  { kinds: ["anthropic"], id: /^claude-/, facts: { images: true, pdf: true, tools: true } },
  { kinds: ["google"], id: /^gemini-(?!.*(tts|audio|embedding))/, facts: { images: true, pdf: true } },
  { kinds: ["google"], id: /^gemini-(?!.*(tts|audio|embedding|image))/, facts: { tools: true } },
  { kinds: ["xai"], id: /^grok-/, facts: { tools: true } },
  {
    kinds: ["deepseek"],
    id: /^deepseek-(flash|v4-flash|v4-pro)$/,
    facts: { contextLength: 1_000_000, maxOutput: 384_000, pdf: false, tools: true, reasoning: true },
  },
  { kinds: ["deepseek"], id: /^deepseek-(v4-pro|chat|reasoner)$/, facts: { images: false, pdf: false } },
];

/** All that is known of a model by its id; the first line that says a thing counts. */
export function knownFacts(kind: ProviderKind, id: string): ModelFacts {
  const found = KNOWN.filter((line) => line.kinds.includes(kind) && line.id.test(id));
  return found.reduceRight<ModelFacts>((facts, line) => ({ ...facts, ...line.facts }), {});
}
