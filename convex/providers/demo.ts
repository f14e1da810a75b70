import type {
  LanguageModelV3,
  LanguageModelV3CallOptions,
  LanguageModelV3Content,
  LanguageModelV3Message,
  LanguageModelV3StreamPart,
  LanguageModelV3Usage,
} from "@ai-sdk/provider";
import { pause } from "../model/generator/pause";
import { CONTINUE_PROMPT, nameOfFileText } from "../model/generator/promptTexts";
import { FOLLOW_UPS_TASK } from "../model/generator/followUpsTask";
import { promptInQuote } from "../model/generator/quotedExchange";
import { formatBytes } from "../shared/files";
import { DEMO_MODEL, followUpsTo, replyTo, type DemoTurn } from "./demoReplies";

/**
 * The model that is there when none is connected, so that the product can be tried without a key. It says plainly what it is.
 * An AI SDK language model like any other: nothing else in the app knows of it. The texts are in `demoReplies.ts`.
 */

/** Between two words, milliseconds: a little faster than one reads. */
const PACE_MS = 30;

export function demoModel(): LanguageModelV3 {
  return {
    specificationVersion: "v3",
    provider: "verbatim",
    modelId: DEMO_MODEL.id,
    supportedUrls: {},
    doStream: (options) => Promise.resolve({ stream: streamOf(partsFor(options), options.abortSignal) }),
    doGenerate: (options) =>
      Promise.resolve({
        content: partsFor(options).flatMap(asContent),
        finishReason: { unified: "stop", raw: "stop" },
        usage: NO_USAGE,
        warnings: [],
      }),
  };
}

/** It costs nothing and counts nothing. */
const NO_USAGE: LanguageModelV3Usage = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};

type Said = { kind: "text"; text: string } | { kind: "toolCall"; toolName: string; input: string };

function partsFor(options: LanguageModelV3CallOptions): Said[] {
  const turns = turnsOf(options);
  const last = turns.at(-1);
  if (options.prompt.some((message) => message.role === "system" && message.content === FOLLOW_UPS_TASK)) {
    return [{ kind: "text", text: followUpsTo(promptInQuote(last?.text ?? "")) }];
  }
  if (last?.role === "user" && last.text === CONTINUE_PROMPT) return [{ kind: "text", text: restOf(turns) }];
  const toolNames = (options.tools ?? []).map((tool) => tool.name);
  const reply = replyTo(turns);
  if (reply.tool !== undefined && last?.role !== "tool" && toolNames.includes(reply.tool)) {
    return [{ kind: "toolCall", toolName: reply.tool, input: "{}" }];
  }
  return [{ kind: "text", text: reply.text }];
}

/** What is missing of the reply that was broken off. The same question always gets the same reply. */
function restOf(turns: DemoTurn[]): string {
  const partial = turns.at(-2)?.text ?? "";
  const whole = replyTo(turns.slice(0, -2)).text;
  return whole.startsWith(partial) && whole !== partial
    ? whole.slice(partial.length)
    : "\n\nThat was all I had to say.";
}

/** The conversation as plain text; of a tool's result, its JSON. */
function turnsOf(options: LanguageModelV3CallOptions): DemoTurn[] {
  return options.prompt.flatMap((message): DemoTurn[] => {
    switch (message.role) {
      case "system":
        return [];
      case "user":
        return [userTurn(message.content)];
      case "assistant":
        return [
          {
            role: message.role,
            text: message.content.map((part) => (part.type === "text" ? part.text : "")).join(""),
          },
        ];
      case "tool":
        return message.content.flatMap((part) =>
          part.type === "tool-result" && part.output.type === "json"
            ? [{ role: "tool" as const, text: JSON.stringify(part.output.value) }]
            : [],
        );
      default:
        message satisfies never;
        return [];
    }
  });
}

/** What a person wrote, and what they gave with it. */
function userTurn(content: Extract<LanguageModelV3Message, { role: "user" }>["content"]): DemoTurn {
  const words: string[] = [];
  const files: string[] = [];
  for (const part of content) {
    if (part.type === "file") {
      const size = part.data instanceof Uint8Array ? `, ${formatBytes(part.data.byteLength)}` : "";
      files.push(`**${part.filename ?? "a file"}** (${part.mediaType}${size})`);
      continue;
    }
    const name = nameOfFileText(part.text);
    if (name === null) words.push(part.text);
    else files.push(`**${name}** (text)`);
  }
  return { role: "user", text: words.join(""), files };
}

function asContent(said: Said): LanguageModelV3Content {
  return said.kind === "text"
    ? { type: "text", text: said.text }
    : { type: "tool-call", toolCallId: "demo-call", toolName: said.toolName, input: said.input };
}

async function* speak(
  parts: Said[],
  signal = new AbortController().signal,
): AsyncGenerator<LanguageModelV3StreamPart> {
  yield { type: "stream-start", warnings: [] };
  for (const [index, said] of parts.entries()) {
    const id = String(index);
    if (said.kind === "toolCall") {
      const toolCallId = crypto.randomUUID();
      const { toolName, input } = said;
      yield { type: "tool-input-start", id: toolCallId, toolName };
      yield { type: "tool-call", toolCallId, toolName, input };
      continue;
    }
    yield { type: "text-start", id };
    for (const delta of said.text.match(/\s*\S+|\s+$/g) ?? []) {
      if ((await pause(PACE_MS, signal)) === "aborted") {
        throw new DOMException("The demo's answer was aborted.", "AbortError");
      }
      yield { type: "text-delta", id, delta };
    }
    yield { type: "text-end", id };
  }
  const calls = parts.some((said) => said.kind === "toolCall");
  const reason = calls ? "tool-calls" : "stop";
  yield { type: "finish", usage: NO_USAGE, finishReason: { unified: reason, raw: reason } };
}

function streamOf(parts: Said[], signal: AbortSignal | undefined): ReadableStream<LanguageModelV3StreamPart> {
  const words = speak(parts, signal);
  return new ReadableStream({
    async pull(controller) {
      const next = await words.next();
      if (next.done) controller.close();
      else controller.enqueue(next.value);
    },
    async cancel() {
      await words.return(undefined);
    },
  });
}
