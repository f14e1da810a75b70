import type { Doc } from "../../_generated/dataModel";
import { isToolEnded } from "../../shared/parts";
import type { StoredPart } from "../validators";

type ToolCalls = Doc<"streamingResponses">["toolCalls"];
type ToolFragment = Extract<StoredPart, { type: "dynamic-tool" }>;

/** Pure calculations about the tool calls of a live answer. */

/** Fragments that close the calls which are still open. */
export function closedToolCalls(
  calls: ToolCalls,
  state: "cancelled" | "failed" | "timedOut",
  endedAt: number,
): ToolFragment[] {
  return calls
    .filter((call) => !isToolEnded(call.state))
    .map(({ toolCallId, toolName, position }) => ({
      type: "dynamic-tool",
      ...{ position, toolCallId, toolName, state, endedAt },
    }));
}

/** Without what a generator still says of calls that a person has cancelled. */
export function withoutCancelled(calls: ToolCalls, parts: StoredPart[]): StoredPart[] {
  const cancelled = new Set(cancelledIds(calls));
  return parts.filter((part) => part.type !== "dynamic-tool" || !cancelled.has(part.toolCallId));
}

export function cancelledIds(calls: ToolCalls): string[] {
  return calls.filter((call) => call.state === "cancelled").map((call) => call.toolCallId);
}

/** The calls to remember after these fragments: open ones and cancelled ones. */
export function trackToolCalls(calls: ToolCalls, parts: StoredPart[], now: number): ToolCalls {
  const byId = new Map(calls.map((call) => [call.toolCallId, call]));
  for (const part of parts) {
    if (part.type !== "dynamic-tool") continue;
    const { toolCallId, toolName, position, state } = part;
    if (isToolEnded(state)) byId.delete(toolCallId);
    else byId.set(toolCallId, { toolCallId, toolName, position, state, startedAt: part.startedAt ?? now });
  }
  return [...byId.values()];
}
