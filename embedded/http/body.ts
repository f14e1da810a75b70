import type { IncomingMessage } from "node:http";
import type { JSONValue } from "convex/values";
import { HttpError } from "./respond.ts";

/** Bytes of a body that is held in memory: a function's arguments (16 MiB at Convex) and their envelope. */
export const MAX_BODY_BYTES = 20 * 1024 * 1024;

/** Passes a body on, and fails where it grows beyond the limit. */
export async function* limitBody(
  request: AsyncIterable<Buffer>,
  maxBytes = MAX_BODY_BYTES,
): AsyncGenerator<Buffer, void, void> {
  let size = 0;
  for await (const chunk of request) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}

/** The body of an API request. */
export async function readJson(request: IncomingMessage): Promise<JSONValue> {
  // Told before it is sent, where the sender says how much it will be.
  if (Number(request.headers["content-length"] ?? 0) > MAX_BODY_BYTES) throw tooLarge(MAX_BODY_BYTES);
  const chunks: Buffer[] = [];
  for await (const chunk of limitBody(request)) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as JSONValue;
  } catch (error) {
    throw new HttpError(400, "BadJsonBody", error instanceof Error ? error.message : String(error));
  }
}

const tooLarge = (maxBytes: number): HttpError =>
  new HttpError(
    413,
    "RequestTooLarge",
    `The request's body is larger than ${maxBytes} bytes, which is the limit`,
  );
