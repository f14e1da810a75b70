"use node";

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { streamText } from "ai";
import { actionGeneric, makeFunctionReference } from "convex/server";
import { v } from "convex/values";

/** Ten flushes a second, as Verbatim. */
const FLUSH_INTERVAL_MS = 100;

const write = makeFunctionReference<"mutation", { messageId: string; body: string; isDone: boolean }, null>(
  "messages:write",
);

export const start = actionGeneric({
  args: { messageId: v.id("messages"), prompt: v.string() },
  returns: v.null(),
  handler: async (ctx, { messageId, prompt }) => {
    const provider = createOpenAICompatible({ name: "bench", baseURL: process.env["OPENAI_BASE_URL"] ?? "" });
    const { textStream } = streamText({ model: provider("test-model"), prompt });
    let body = "";
    let flushedAt = 0;
    for await (const text of textStream) {
      body += text;
      if (Date.now() - flushedAt < FLUSH_INTERVAL_MS) continue;
      flushedAt = Date.now();
      await ctx.runMutation(write, { messageId, body, isDone: false });
    }
    await ctx.runMutation(write, { messageId, body, isDone: true });
    return null;
  },
});
