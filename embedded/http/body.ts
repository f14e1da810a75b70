import type { IncomingMessage } from "node:http";
import type { JSONValue } from "convex/values";
import { createBrotliDecompress, createGunzip } from "node:zlib";
import type { Transform } from "node:stream";
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

/** The body of an API request, of at most `maxBytes`, also when it is decompressed. */
export async function readJson(request: IncomingMessage, maxBytes = MAX_BODY_BYTES): Promise<JSONValue> {
  // Told before it is sent, where the sender says how much it will be.
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  for await (const chunk of limitBody(decompress(request), maxBytes)) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as JSONValue;
  } catch (error) {
    throw new HttpError(400, "BadJsonBody", error instanceof Error ? error.message : String(error));
  }
}

/** The CLI compresses what it pushes. */
function decompress(request: IncomingMessage): AsyncIterable<Buffer> {
  const decompressor = decompressorOf(request.headers["content-encoding"]);
  if (decompressor === null) return request;
  request.once("error", (error) => decompressor.destroy(error));
  return brokenIsBad(request.pipe(decompressor));
}

function decompressorOf(encoding: string | undefined): Transform | null {
  switch (encoding) {
    case "br":
      return createBrotliDecompress();
    case "gzip":
      return createGunzip();
    default:
      return null;
  }
}

async function* brokenIsBad(body: Transform): AsyncGenerator<Buffer, void, void> {
  try {
    for await (const chunk of body) yield chunk as Buffer;
  } catch (error) {
    throw new HttpError(400, "BadBody", `The request's body cannot be decompressed: ${String(error)}`);
  }
}

const tooLarge = (maxBytes: number): HttpError =>
  new HttpError(
    413,
    "RequestTooLarge",
    `The request's body is larger than ${maxBytes} bytes, which is the limit`,
  );
