/** `@convex-dev/agent`: threads, answers, and messages found by their vectors. */
import { Agent, createThread, listMessages } from "@convex-dev/agent";
import type { AgentComponent } from "@convex-dev/agent";
import { MockLanguageModelV3 } from "ai/test";
import { paginationOptsValidator } from "convex/server";
import { v } from "convex/values";
import { embeddingModel } from "./embedding.ts";
import { action, components, mutation, query } from "./server.ts";

const component = components["agent"] as AgentComponent;

const languageModel = new MockLanguageModelV3({
  doGenerate: async ({ prompt }) => ({
    content: [{ type: "text", text: `an answer to ${prompt.length} messages` }],
    finishReason: { unified: "stop", raw: undefined },
    usage: {
      inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: 1, text: 1, reasoning: undefined },
    },
    warnings: [],
  }),
});
const agent = new Agent(component, { name: "assistant", languageModel, embeddingModel });

export const begin = mutation({
  args: { userId: v.string() },
  handler: (ctx, { userId }): Promise<string> => createThread(ctx, component, { userId }),
});

export const ask = action({
  args: { threadId: v.string(), prompt: v.string() },
  handler: async (ctx, { threadId, prompt }): Promise<string> =>
    (await agent.generateText(ctx, { threadId }, { prompt })).text,
});

export const list = query({
  args: { threadId: v.string(), paginationOpts: paginationOptsValidator },
  handler: async (ctx, args): Promise<string[]> =>
    (await listMessages(ctx, component, args)).page.map(({ text }) => text ?? ""),
});

/** What of all threads of the user is like a text. */
export const findSimilar = action({
  args: { userId: v.string(), text: v.string(), limit: v.number() },
  handler: async (ctx, { userId, text, limit }): Promise<string[]> => {
    const messages = await agent.fetchContextMessages(ctx, {
      userId,
      threadId: undefined,
      searchText: text,
      contextOptions: {
        searchOtherThreads: true,
        recentMessages: 0,
        searchOptions: { vectorSearch: true, limit, messageRange: { before: 0, after: 0 } },
      },
    });
    return messages.map((message) => message.text ?? "");
  },
});
