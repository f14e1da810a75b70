/** Errors of functions as their callers see them, in Convex's words (`JsError` in its `crates/common`). */
import type { JSONValue } from "convex/values";
import type { FunctionFailure } from "./types.ts";

/** UTF-16 code units; Convex cuts at 64 KiB. */
const MAX_MESSAGE_LENGTH = 1 << 16;

/** What was thrown, as `isolate/errors.ts` describes it. */
export type Thrown = { name: string; message: string; frames: string; data?: string };

/** The failure of a function that threw: `Uncaught Error: message`, then one frame a line. */
export function failureOfThrown({ name, message, frames, data }: Thrown): FunctionFailure {
  const text = [name, message].filter((part) => part !== "").join(": ");
  const header = text === "" ? "Uncaught" : `Uncaught ${text}`;
  const failure: FunctionFailure = {
    message: `${header.slice(0, MAX_MESSAGE_LENGTH)}\n${frames === "" ? "" : `${frames}\n`}`,
  };
  if (data !== undefined) failure.data = JSON.parse(data) as JSONValue;
  return failure;
}

/** The failure of a call that was refused before, or after, its function ran. */
export function failureOfMessage(message: string): FunctionFailure {
  return { message: `${message.slice(0, MAX_MESSAGE_LENGTH)}\n` };
}
