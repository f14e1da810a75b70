import type { LanguageModelV3, LanguageModelV3CallOptions, LanguageModelV3Prompt } from "@ai-sdk/provider";
import { wrapLanguageModel } from "ai";
import { log } from "../model/log";
import { refusalOf } from "./refusalOf";

/**
 * The model, asked once more when its server refuses a request for the thoughts that it was sent again, or was not: signatures are no good to another
 * organisation's key, and of steps from before they were kept there are none. Without this the chat could never go on.
 */
export function withRefusedThoughts(model: LanguageModelV3): LanguageModelV3 {
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: "v3",
      wrapStream: async ({ doStream, params, model: asked }) => {
        try {
          return await doStream();
        } catch (error) {
          const mended = mendedRequest(error, params);
          if (mended === null) throw error;
          log("STREAMING", `${model.modelId} refuses the thoughts of earlier steps; it is asked without`);
          return await asked.doStream(mended);
        }
      },
    },
  });
}

/** Gemini: "Function call is missing a thought_signature in functionCall parts". */
const WANTS_SIGNATURE = /missing a `?thought_?signature/i;

/** DeepSeek: "The `reasoning_content` in the thinking mode must be passed back to the API." Kimi: "reasoning_content is missing in assistant tool call message". */
const WANTS_THOUGHTS =
  /reasoning_content\W.{0,60}(must be passed back|is missing)|missing `?reasoning_content/i;

/**
 * Claude: "Invalid `signature` in `thinking` block", "`thinking` or `redacted_thinking` blocks … cannot be modified", "Expected `thinking` or
 * `redacted_thinking`, but found `tool_use`". OpenAI: "The encrypted content for item rs_… could not be verified", "Item 'rs_…' of type 'reasoning' was
 * provided without its required following item", "Item with id 'rs_…' not found". Gemini: "Thought signature is not valid", "Corrupted thought signature".
 */
const REFUSES_THOUGHTS =
  /signature\W{0,3} in \W{0,2}thinking|(redacted_)?thinking\W{1,3}blocks? .{0,80}modified|expected \W{0,2}thinking\W|encrypted.content.{0,120}(verified|decrypted|invalid)|(item|with id) \W{0,3}(rs|fc)_\w+|(invalid|corrupted) thought.?signature|thought.?signature is (not valid|invalid)/i;

/** The same request as its server will take it; null when that is not what it was refused for. */
function mendedRequest(
  error: unknown,
  params: LanguageModelV3CallOptions,
): LanguageModelV3CallOptions | null {
  const refusal = refusalOf(error) ?? "";
  if (WANTS_SIGNATURE.test(refusal)) return { ...params, prompt: unsigned(params.prompt) };
  if (WANTS_THOUGHTS.test(refusal)) return { ...params, prompt: withThoughts(params.prompt) };
  if (!REFUSES_THOUGHTS.test(refusal)) return null;
  return { ...withoutThinking(params), prompt: unsigned(withoutThoughts(params.prompt)) };
}

type Message = LanguageModelV3Prompt[number];
type AssistantMessage = Extract<Message, { role: "assistant" }>;

const assistants = (
  prompt: LanguageModelV3Prompt,
  change: (content: AssistantMessage["content"]) => AssistantMessage["content"],
): LanguageModelV3Prompt =>
  prompt.map((message): Message =>
    message.role === "assistant" ? { ...message, content: change(message.content) } : message,
  );

/** What Google says to send in place of a signature that nobody has. */
const NO_SIGNATURE = { google: { thoughtSignature: "skip_thought_signature_validator" } };

const unsigned = (prompt: LanguageModelV3Prompt): LanguageModelV3Prompt =>
  assistants(prompt, (content) =>
    content.map((part) => (part.type === "tool-call" ? { ...part, providerOptions: NO_SIGNATURE } : part)),
  );

const withoutThoughts = (prompt: LanguageModelV3Prompt): LanguageModelV3Prompt =>
  assistants(prompt, (content) => content.filter(({ type }) => type !== "reasoning")).filter(
    ({ role, content }) => role !== "assistant" || content.length > 0,
  );

/** That there are any is asked for, not which. */
const SOME_THOUGHT = { type: "reasoning", text: " " } as const;

const withThoughts = (prompt: LanguageModelV3Prompt): LanguageModelV3Prompt =>
  assistants(prompt, (content) =>
    content.some(({ type }) => type === "reasoning") ? content : [SOME_THOUGHT, ...content],
  );

/** Claude cannot go on thinking behind a call that is without its thoughts, where its thoughts have a budget. */
function withoutThinking(params: LanguageModelV3CallOptions): LanguageModelV3CallOptions {
  const { anthropic } = params.providerOptions ?? {};
  const thinking = anthropic?.["thinking"];
  const hasBudget =
    typeof thinking === "object" && thinking !== null && "type" in thinking && thinking["type"] === "enabled";
  if (!hasBudget) return params;
  const off = { ...anthropic, thinking: { type: "disabled" } };
  return { ...params, providerOptions: { ...params.providerOptions, anthropic: off } };
}
