/** An embedding model that needs no network: texts that share words have similar vectors. */
import type { EmbeddingModelV3 } from "@ai-sdk/provider";

export const DIMENSIONS = 128;

export const embeddingModel: EmbeddingModelV3 = {
  specificationVersion: "v3",
  provider: "test",
  modelId: "words",
  maxEmbeddingsPerCall: 100,
  supportsParallelCalls: true,
  doEmbed: async ({ values }) => ({
    embeddings: values.map(embed),
    usage: { tokens: values.length },
    warnings: [],
  }),
};

function embed(text: string): number[] {
  const vector = Array<number>(DIMENSIONS).fill(0);
  for (const word of text.toLowerCase().match(/\w+/g) ?? []) {
    let hash = 7;
    for (const character of word) hash = (hash * 31 + character.charCodeAt(0)) % 1_000_003;
    vector[hash % DIMENSIONS]! += 1;
  }
  return vector;
}
