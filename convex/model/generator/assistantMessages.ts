import type { AssistantContent, ModelMessage, TextPart, ToolCallPart, ToolResultPart } from "ai";
import { wellFormed } from "../../shared/text";
import type { HistoryPart } from "../runs/history";
import type { HistoryCall } from "../runs/historyCalls";
import type { HistoryStep } from "../runs/historySteps";

/** Names the tool calls of one request. `own`: by which a call of a step that is told as it was was known, unless another is. */
export type CallIds = { next(own?: string): string };

/**
 * Ids that every provider accepts: Mistral's has nine letters and digits, others take any. A chat may have been with several, and servers
 * that count their calls from 0 in each reply give the same id twice.
 */
export function newCallIds(): CallIds {
  let count = 0;
  const taken = new Set<string>();
  const take = (id: string): string => {
    taken.add(id);
    return id;
  };
  return {
    next: (own) => {
      if (own !== undefined && own !== "" && !taken.has(own)) return take(own);
      for (;;) {
        const id = `call${String(count++).padStart(5, "0")}`;
        if (!taken.has(id)) return take(id);
      }
    },
  };
}

/** What a model is told of a call without a result. */
const TOLD: Record<Exclude<HistoryCall["outcome"], "complete">, string> = {
  failed: "This tool call failed.",
  cancelled: "This tool call was cancelled before it gave a result.",
  timedOut: "This tool call took too long and was ended without a result.",
  refused:
    "The user refused this tool call. Go on without it, and do not try it again unless they ask for it.",
  unknown:
    "This tool call was interrupted while it ran. Nobody knows whether it took effect. Do not repeat it before the user has agreed.",
  leftOut: "The result of this tool call is left out now. Call the tool again if you need it.",
};

/**
 * An answer as the messages it was made of: words with the calls behind them, then what those calls gave. Each call is followed by its
 * result. A request without tools may hold no calls (`hasTools` false); then the model reads of them in words. `model`: the stored id of who
 * is asked, who is given its own thoughts again; null for nobody that has any.
 */
export function assistantMessages(
  said: readonly HistoryPart[],
  { ids, hasTools, model }: { ids: CallIds; hasTools: boolean; model: string | null },
): ModelMessage[] {
  if (!hasTools) {
    const plain = said.flatMap((part) => (part.type === "step" ? withoutThoughts(part) : [part]));
    const text = plain.map((part) => (part.type === "text" ? part.text : callInWords(part))).join("\n\n");
    return text === "" ? [] : [{ role: "assistant", content: text }];
  }
  return stepsOf(said, model).flatMap(({ words, calls }): ModelMessage[] => {
    if (calls.length === 0) return [{ role: "assistant", content: contentOf(words) }];
    const named = calls.map((call) => ({ call, toolCallId: ids.next(call.id) }));
    return [
      {
        role: "assistant",
        content: [
          ...words.map(wordsPart),
          ...named.map(({ call, toolCallId }) => callPart(call, toolCallId)),
        ],
      },
      { role: "tool", content: named.map(({ call, toolCallId }) => resultPart(call, toolCallId)) },
    ];
  });
}

type Said = HistoryStep["said"][number];
type Plain = Exclude<Said, { type: "thought" }>;
type Words = Exclude<Said, { type: "call" }>;
type Step = { words: Words[]; calls: HistoryCall[] };

/** Words after a call begin another step: the model had the result by then. Of a step that is told as it was nothing is left out. */
function stepsOf(said: readonly HistoryPart[], model: string | null): Step[] {
  const steps: Step[] = [];
  let open: Step | null = null;
  const addPlain = (part: Plain): void => {
    if (open === null || (part.type === "text" && open.calls.length > 0)) {
      open = { words: [], calls: [] };
      steps.push(open);
    }
    if (part.type === "call") open.calls.push(part);
    else open.words = [joined(open.words, part.text)];
  };
  for (const part of said) {
    if (part.type !== "step") addPlain(part);
    else {
      open = null;
      if (part.model === model) {
        steps.push({
          words: part.said.filter((one) => one.type !== "call"),
          calls: part.said.filter((one) => one.type === "call"),
        });
      } else withoutThoughts(part).forEach(addPlain);
      open = null;
    }
  }
  return steps;
}

/** For another model: words and calls, as of steps that are not kept. */
const withoutThoughts = ({ said }: HistoryStep): Plain[] =>
  said.flatMap((part): Plain[] => {
    switch (part.type) {
      case "thought":
        return [];
      case "text":
        return [part];
      case "call": {
        const { id: _, metadata: __, ...call } = part;
        return [call];
      }
      default:
        return part satisfies never;
    }
  });

const joined = (before: readonly Words[], text: string): Words => ({
  type: "text",
  text: [...before.map((words) => words.text), text].join("\n\n"),
});

/** A single text goes as it is. */
function contentOf(words: readonly Words[]): AssistantContent {
  const [only, ...more] = words;
  return only?.type === "text" && more.length === 0 ? only.text : words.map(wordsPart);
}

type ReasoningPart = Extract<Exclude<AssistantContent, string>[number], { type: "reasoning" }>;

const wordsPart = (words: Words): TextPart | ReasoningPart =>
  words.type === "text"
    ? { type: "text", text: words.text }
    : { type: "reasoning", text: words.text, ...signedBy(words) };

/** What the provider wants back, where the SDK's packages look for it. */
const signedBy = ({ metadata }: { metadata?: string | undefined }): { providerOptions?: ProviderOptions } =>
  metadata === undefined ? {} : { providerOptions: JSON.parse(metadata) as ProviderOptions };

type ProviderOptions = NonNullable<ToolCallPart["providerOptions"]>;

const callPart = (call: HistoryCall, toolCallId: string): ToolCallPart => ({
  type: "tool-call",
  toolCallId,
  toolName: call.toolName,
  input: JSON.parse(call.input) as unknown,
  ...signedBy(call),
});

const resultPart = (call: HistoryCall, toolCallId: string): ToolResultPart => ({
  type: "tool-result",
  toolCallId,
  toolName: call.toolName,
  output: outputOf(call),
});

function outputOf({ outcome, output }: HistoryCall): ToolResultPart["output"] {
  if (outcome === "failed") return { type: "error-text", value: wellFormed(output || TOLD.failed) };
  if (outcome !== "complete") return { type: "text", value: TOLD[outcome] };
  const value: JsonValue = JSON.parse(output) as JsonValue;
  return typeof value === "string" ? { type: "text", value } : { type: "json", value };
}

type JsonValue = Extract<ToolResultPart["output"], { type: "json" }>["value"];

/** For a model that is offered no tools. */
function callInWords({ toolName, input, outcome, output }: HistoryCall): string {
  const result = outcome === "complete" ? output : output || TOLD[outcome];
  return `[The tool ${toolName} was called with ${input}. Result: ${wellFormed(result)}]`;
}
