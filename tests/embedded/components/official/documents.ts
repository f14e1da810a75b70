/** `@convex-dev/rag`. */
import { RAG } from "@convex-dev/rag";
import { v } from "convex/values";
import { DIMENSIONS, embeddingModel } from "./embedding.ts";
import { action, components } from "./server.ts";

const rag = new RAG<{ category: string }>(components["rag"] as ConstructorParameters<typeof RAG>[0], {
  textEmbeddingModel: embeddingModel,
  embeddingDimension: DIMENSIONS,
  filterNames: ["category"],
});

export const add = action({
  args: {
    namespace: v.string(),
    key: v.string(),
    title: v.string(),
    chunks: v.array(v.string()),
    category: v.string(),
  },
  handler: async (ctx, { namespace, key, title, chunks, category }): Promise<string> => {
    const filterValues = [{ name: "category" as const, value: category }];
    const content = { chunks: chunks.map((text) => ({ text })) };
    return (await rag.add(ctx, { namespace, key, title, filterValues, ...content })).status;
  },
});

export const search = action({
  args: {
    namespace: v.string(),
    query: v.string(),
    category: v.optional(v.string()),
    around: v.optional(v.number()),
  },
  handler: async (
    ctx,
    { namespace, query, category, around = 0 },
  ): Promise<{ text: string; scores: number[] }> => {
    const { text, results } = await rag.search(ctx, {
      namespace,
      query,
      limit: 3,
      vectorScoreThreshold: 0.3,
      chunkContext: { before: around, after: around },
      ...(category !== undefined && { filters: [{ name: "category", value: category }] }),
    });
    return { text, scores: results.map(({ score }) => score) };
  },
});
