import type { LanguageModelV3, LanguageModelV3StreamPart } from "@ai-sdk/provider";
import { wrapLanguageModel } from "ai";

type Delta = Extract<
  LanguageModelV3StreamPart,
  { type: "text-delta" | "reasoning-delta" | "tool-input-delta" }
>;

/**
 * The same model, but deltas that would only wait in the writer's buffer are merged before they enter the AI SDK: every part of a
 * stream passes through a dozen of its stages, which cost more than all else that is done for a token.
 *
 * `holdMs`: milliseconds that a delta arriving now would wait for the next flush (`AnswerWriter.waitMs`). At 0 it is passed on at
 * once, together with what is held.
 */
export function withMergedDeltas(model: LanguageModelV3, holdMs: () => number): LanguageModelV3 {
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: "v3",
      wrapStream: async ({ doStream }) => {
        const result = await doStream();
        return { ...result, stream: mergeDeltas(result.stream, holdMs) };
      },
    },
  });
}

/**
 * Merges consecutive deltas of one text. Any other part is passed on at once, after what is held. If the source fails, the error is
 * passed on as a part as well: a stream that fails loses what has not been read yet.
 */
export function mergeDeltas(
  source: ReadableStream<LanguageModelV3StreamPart>,
  holdMs: () => number,
): ReadableStream<LanguageModelV3StreamPart> {
  const reader = source.getReader();
  let isOpen = true;
  let held: Delta | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;

  return new ReadableStream<LanguageModelV3StreamPart>({
    // Not in `pull`: read only on demand, a delta would find no other to merge with.
    start: (controller) => {
      const pass = (part: LanguageModelV3StreamPart): void => {
        if (isOpen) controller.enqueue(part);
      };
      const release = (): void => {
        if (timer !== null) clearTimeout(timer);
        timer = null;
        if (held !== null) pass(held);
        held = null;
      };
      const hold = (delta: Delta): void => {
        if (held !== null && !isSameText(held, delta)) release();
        held = held === null ? delta : { ...held, delta: held.delta + delta.delta };
        const ms = holdMs();
        if (ms <= 0) release();
        else timer ??= setTimeout(release, ms);
      };
      const readAll = async (): Promise<void> => {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          if (isPlainDelta(value)) hold(value);
          else {
            release();
            pass(value);
          }
        }
      };
      void readAll()
        .catch((error: unknown) => {
          release();
          pass({ type: "error", error });
        })
        .then(() => {
          release();
          if (isOpen) controller.close();
        });
    },
    cancel: async (reason) => {
      isOpen = false;
      if (timer !== null) clearTimeout(timer);
      await reader.cancel(reason);
    },
  });
}

/** Metadata (a signature, say) belongs to its own delta. */
function isPlainDelta(part: LanguageModelV3StreamPart): part is Delta {
  switch (part.type) {
    case "text-delta":
    case "reasoning-delta":
    case "tool-input-delta":
      return part.providerMetadata === undefined;
    default:
      return false;
  }
}

const isSameText = (one: Delta, other: Delta): boolean => one.type === other.type && one.id === other.id;
