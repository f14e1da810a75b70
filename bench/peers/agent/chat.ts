/** `@convex-dev/agent` as its documents say: save the prompt, stream with saved deltas, list with `syncStreams`. */
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  Agent,
  createThread,
  listUIMessages,
  saveMessage,
  syncStreams,
  vStreamArgs,
} from "@convex-dev/agent";
import type { AgentComponent } from "@convex-dev/agent";
import {
  actionGeneric,
  componentsGeneric,
  mutationGeneric,
  paginationOptsValidator,
  queryGeneric,
} from "convex/server";
import { v } from "convex/values";

const component = componentsGeneric()["agent"] as unknown as AgentComponent;

export const send = mutationGeneric({
  args: { prompt: v.string() },
  handler: async (ctx, { prompt }) => {
    const threadId = await createThread(ctx, component);
    const { messageId } = await saveMessage(ctx, component, { threadId, prompt });
    return { threadId, promptMessageId: messageId };
  },
});

export const generate = actionGeneric({
  args: { threadId: v.string(), promptMessageId: v.string() },
  returns: v.null(),
  handler: async (ctx, { threadId, promptMessageId }) => {
    const provider = createOpenAICompatible({ name: "bench", baseURL: process.env["OPENAI_BASE_URL"] ?? "" });
    const agent = new Agent(component, { name: "bench", languageModel: provider("test-model") });
    await agent.streamText(ctx, { threadId }, { promptMessageId }, { saveStreamDeltas: true });
    return null;
  },
});

export const listMessages = queryGeneric({
  args: { threadId: v.string(), paginationOpts: paginationOptsValidator, streamArgs: vStreamArgs },
  handler: async (ctx, args) => {
    const page = await listUIMessages(ctx, component, args);
    const streams = await syncStreams(ctx, component, args);
    return { ...page, streams };
  },
});
