import type { LanguageModelV3Middleware, LanguageModelV3StreamPart } from "@ai-sdk/provider";

type Stream = ReadableStream<LanguageModelV3StreamPart>;

/** For a model that is wrapped: its answer as `change` makes it of what it streams. */
export const streamThrough =
  (change: (stream: Stream) => Stream): NonNullable<LanguageModelV3Middleware["wrapStream"]> =>
  async ({ doStream }) => {
    const result = await doStream();
    return { ...result, stream: change(result.stream) };
  };
