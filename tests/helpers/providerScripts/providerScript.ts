import type { ProblemKind } from "../../../convex/shared/problems.ts";
import type { ProviderConfig } from "../../../convex/shared/providerConfig.ts";

/** What a provider of one kind sends, in its own format: streams as bytes, refusals as bodies, and its list of models. */
export type ProviderScript = {
  config: Omit<ProviderConfig, "id" | "baseURL">;
  /** One of the models that it lists. */
  model: string;
  /** The body of its list. */
  list: object;
  /** Thoughts, words with sources, and where the provider's models can, a picture. */
  rich: string;
  /** What is stored of that. */
  stored: { text: string; thoughts: string; sources: string[]; pictures: number };
  /** Called with what can be called; then the model answers with `rich`. */
  tool: (name: string, input: object) => string;
  /** Ends without an answer: by a filter, or by the model itself. Null for a server whose models refuse in words alone. */
  refusal: string | null;
  /** Words, and then an error inside the stream. `secret` is in its message, where it has one. */
  broken: (secret: string) => string;
  /** Refusals, each with what it is; `secret` is in the words, as if the server repeated it. */
  refusals: (secret: string) => Refusal[];
};

export type Refusal = {
  kind: ProblemKind;
  status: number;
  headers?: Record<string, string>;
  body: unknown;
};

export const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;

/** An event with a name, as OpenAI's Responses API and Anthropic have it. */
export const named = (type: string, fields: object): string => `event: ${type}\n${data({ type, ...fields })}`;

export const TEXT = "Grüße, 世界 👩‍👩‍👧: two sources say so [1].";
export const THOUGHTS = "Let me look. 🤔";
export const SOURCES = ["https://first.test/a?b=1", "https://second.test/ü"];

/** Text in pieces about as large as tokens; characters beyond the basic plane stay whole, as servers send them. */
export const tokensOf = (text: string): string[] =>
  text.match(/\s*\S{1,3}(?![\udc00-\udfff])|\s+|[\s\S]/gu) ?? [];

/** A picture of 8 by 8 pixels. */
export const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR4nGNQSFiAFTEMLQkAAmxIAbLcbYIAAAAASUVORK5CYII=";
