import { v, type Infer } from "convex/values";
import { cutText } from "../../shared/text";
import type { StoredPart } from "../validators";

/** The tool calls of an earlier answer as a model is shown them again: each has a result, since providers refuse one without. */

export const vCallOutcome = v.union(
  v.literal("complete"),
  v.literal("failed"),
  v.literal("cancelled"),
  v.literal("timedOut"),
  v.literal("refused"),
  /** It was cut off while it ran. */
  v.literal("unknown"),
  /** It gave a result, for which there is no room. */
  v.literal("leftOut"),
);

export const vHistoryCall = v.object({
  type: v.literal("call"),
  toolName: v.string(),
  /** A JSON object's text. */
  input: v.string(),
  outcome: vCallOutcome,
  /** What a complete call gave, as JSON text; a failed one's words; else empty. */
  output: v.string(),
  /** In a step that is told as it was: the model's own name for it, and what its provider wants back. */
  id: v.optional(v.string()),
  metadata: v.optional(v.string()),
});
export type HistoryCall = Infer<typeof vHistoryCall>;

type ToolPart = Extract<StoredPart, { type: "dynamic-tool" }>;

/** Characters of one call's input, or of a failed one's words, that are told again. */
const MAX_WORDS = 2_000;

/** What a call without its input was called with. */
const NO_INPUT = "{}";

/** `room`: characters that its input and output may take; what does not fit is left out. */
export function historyCall(part: ToolPart, room: number): HistoryCall {
  const toolName = nameOf(part.toolName);
  const input = inputOf(part.input);
  const shownInput = input.length <= Math.min(MAX_WORDS, room) ? input : NO_INPUT;
  const call = { type: "call" as const, toolName, input: shownInput };
  switch (part.state) {
    case "complete": {
      const output = JSON.stringify(part.output ?? null);
      const fits = shownInput.length + output.length <= room;
      return fits ? { ...call, outcome: "complete", output } : { ...call, outcome: "leftOut", output: "" };
    }
    case "failed":
      return { ...call, outcome: "failed", output: cutText(part.errorText ?? "", MAX_WORDS) };
    case "timedOut":
    case "refused":
    case "unknown":
      return { ...call, outcome: part.state, output: "" };
    case "cancelled":
    // An answer that a model is shown has ended; a call that is still open was cut off with it.
    case "pending":
    case "awaitingApproval":
    case "running":
      return { ...call, outcome: "cancelled", output: "" };
    default:
      return part.state satisfies never;
  }
}

/** Providers refuse a request for a name with other characters in it; models do call such tools. */
const nameOf = (name: string): string => name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 64) || "tool";

/** An object, as providers want it: what a model wrote is kept as text when it was none, or cannot be stored as one. */
function inputOf(input: unknown): string {
  const value: unknown = typeof input === "string" ? parsed(input) : input;
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? JSON.stringify(value)
    : NO_INPUT;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
