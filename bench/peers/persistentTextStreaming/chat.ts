/** `@convex-dev/persistent-text-streaming` as its README says: an HTTP action streams and saves, others subscribe. */
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { PersistentTextStreaming } from "@convex-dev/persistent-text-streaming";
import type { StreamId } from "@convex-dev/persistent-text-streaming";
import { streamText } from "ai";
import { componentsGeneric, httpActionGeneric, mutationGeneric, queryGeneric } from "convex/server";
import { v } from "convex/values";

type StreamingComponent = ConstructorParameters<typeof PersistentTextStreaming>[0];

const streaming = new PersistentTextStreaming(
  componentsGeneric()["persistentTextStreaming"] as unknown as StreamingComponent,
);

export const send = mutationGeneric({
  args: {},
  handler: (ctx) => streaming.createStream(ctx),
});

export const getBody = queryGeneric({
  args: { streamId: v.string() },
  handler: (ctx, { streamId }) => streaming.getStreamBody(ctx, streamId as StreamId),
});

export const stream = httpActionGeneric(async (ctx, request) => {
  const { streamId, prompt } = (await request.json()) as { streamId: string; prompt: string };
  return streaming.stream(ctx, request, streamId as StreamId, async (_ctx, _request, _streamId, append) => {
    const provider = createOpenAICompatible({ name: "bench", baseURL: process.env["OPENAI_BASE_URL"] ?? "" });
    const { textStream } = streamText({ model: provider("test-model"), prompt });
    for await (const text of textStream) await append(text);
  });
});
