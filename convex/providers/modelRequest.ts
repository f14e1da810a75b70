import type { Effort } from "../shared/modelFacts";
import type { Provider } from "./settings";

/** A model of a provider, and how it is asked. What is left out is the provider's own choice. */
export type ModelRequest = {
  provider: Provider;
  /** As the provider names it. */
  modelId: string;
  effort?: Effort;
  temperature?: number;
  topP?: number;
  maxOutputTokens?: number;
};
