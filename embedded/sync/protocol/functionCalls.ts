import type { JSONValue } from "convex/values";
import { messageForClients } from "../../functions/failures.ts";
import type { FunctionResult } from "../../functions/types.ts";
import { argsField, optionalString, pathField, unsignedField } from "./decode.ts";
import type { JsonObject } from "./decode.ts";
import { encodeTimestamp } from "./timestamp.ts";

/** Sent again after a reconnect until its response has come; run once (E4). */
export type MutationRequest = { type: "Mutation" } & Request;
/** Never sent again: the client gives up an action whose connection was lost. */
export type ActionRequest = { type: "Action" } & Request;

type Request = {
  requestId: number;
  udfPath: string;
  args: readonly JSONValue[];
  componentPath: string | null;
};

export const decodeMutation = (message: JsonObject): MutationRequest => ({
  type: "Mutation",
  ...decodeRequest(message),
});

export const decodeAction = (message: JsonObject): ActionRequest => ({
  type: "Action",
  ...decodeRequest(message),
});

function decodeRequest(message: JsonObject): Request {
  return {
    requestId: unsignedField(message, "requestId"),
    udfPath: pathField(message),
    args: argsField(message),
    componentPath: optionalString(message, "componentPath"),
  };
}

export type MutationResponse = {
  type: "MutationResponse";
  requestId: number;
  result: FunctionResult;
  /** The client waits for a transition to this timestamp, and so sees its own write. `null` for a failure. */
  ts: bigint | null;
  logLines: readonly string[];
};

export type ActionResponse = {
  type: "ActionResponse";
  requestId: number;
  result: FunctionResult;
  logLines: readonly string[];
};

export function encodeMutationResponse({ requestId, result, ts, logLines }: MutationResponse): string {
  return JSON.stringify({
    type: "MutationResponse",
    requestId,
    ...encodeResult(result),
    ts: ts === null ? null : encodeTimestamp(ts),
    logLines,
  });
}

export function encodeActionResponse({ requestId, result, logLines }: ActionResponse): string {
  return JSON.stringify({ type: "ActionResponse", requestId, ...encodeResult(result), logLines });
}

function encodeResult(result: FunctionResult): Record<string, JSONValue | undefined> {
  return result.ok
    ? { success: true, result: result.value }
    : { success: false, result: messageForClients(result.error), errorData: result.error.data };
}
