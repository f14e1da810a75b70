/** Errors of functions as their callers see them, in Convex's words (`JsError` in its `crates/common`). */
import { createHash } from "node:crypto";
import type { JSONValue } from "convex/values";
import { drawRandomBytes } from "../randomBytes.ts";
import type { FunctionCall, FunctionFailure, FunctionResult } from "./types.ts";

/** UTF-16 code units; Convex cuts at 64 KiB. */
const MAX_MESSAGE_LENGTH = 1 << 16;

/** What was thrown, as `isolate/errors.ts` describes it. */
export type Thrown = { name: string; message: string; frames: string; data?: string };

/** The failure of a function that threw: `Uncaught Error: message`, then one frame a line. */
export function failureOfThrown({ name, message, frames, data }: Thrown): FunctionFailure {
  const text = [name, message].filter((part) => part !== "").join(": ");
  const header = (text === "" ? "Uncaught" : `Uncaught ${text}`).slice(0, MAX_MESSAGE_LENGTH);
  const failure: FunctionFailure = { message: `${header}\n${frames === "" ? "" : `${frames}\n`}` };
  if (frames !== "") failure.header = header;
  if (data !== undefined) failure.data = JSON.parse(data) as JSONValue;
  return failure;
}

/** The failure of a call that was refused before, or after, its function ran. */
export function failureOfMessage(message: string): FunctionFailure {
  return { message: `${message.slice(0, MAX_MESSAGE_LENGTH)}\n` };
}

/** Bytes of a request id; it is written in hexadecimal. Convex's `RequestId` (`crates/common/src/execution_context.rs`). */
const REQUEST_ID_BYTES = 8;

export function newRequestId(): string {
  return Buffer.from(drawRandomBytes(REQUEST_ID_BYTES)).toString("hex");
}

/** The id of a client's request over the sync protocol, the same each time it is sent: `RequestId::new_for_ws_session`. */
export function requestIdOfSession(sessionId: string, requestId: number): string {
  return digest(`${sessionId}|${requestId}`);
}

/**
 * The id under which a live query failed. The same failure has the same, so that running it again does not
 * change what its subscribers were told; Convex leaves the id out when it compares (`deduplication_hash`).
 */
export function requestIdOfLiveQuery({ address, args }: FunctionCall, { message }: FunctionFailure): string {
  return digest(JSON.stringify([address, args, message]));
}

/** A failure as clients are told of it: `RedactedJsError` in Convex's `crates/application/src/redaction.rs`. */
export function messageForClients({ message, requestId = newRequestId() }: FunctionFailure): string {
  return `[Request ID: ${requestId}] Server Error${message === "" ? "" : `\n${message}`}`;
}

/**
 * What clients may know of a call: all of it where errors are shown, as on a Convex deployment for development, else neither what was
 * thrown and where, nor what was logged. The data of a `ConvexError` is meant for them. (`block_logging` in the same file.)
 */
export function forClients<O extends { result: FunctionResult; logLines: string[] }>(
  outcome: O,
  showErrors: boolean,
): O {
  if (showErrors) return outcome;
  const { result } = outcome;
  return {
    ...outcome,
    logLines: [],
    result: result.ok ? result : { ok: false, error: redacted(result.error) },
  };
}

/** A failure without what was thrown and where. */
export function redacted({ data, requestId }: FunctionFailure): FunctionFailure {
  return {
    message: "",
    header: "",
    ...(data !== undefined && { data }),
    ...(requestId !== undefined && { requestId }),
  };
}

function digest(text: string): string {
  return createHash("sha256")
    .update(text)
    .digest("hex")
    .slice(0, 2 * REQUEST_ID_BYTES);
}
