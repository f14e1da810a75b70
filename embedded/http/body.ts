import type { IncomingMessage } from "node:http";
import type { JSONValue } from "convex/values";
import { createBrotliDecompress, createGunzip } from "node:zlib";
import type { Transform } from "node:stream";
import { monotonicMs } from "../engine/turns.ts";
import { isTooDeep } from "../values/tooDeep.ts";
import type { Exchange } from "./exchange.ts";
import { busy, HttpError } from "./respond.ts";

/** Bytes of the body of an HTTP action: Convex's own. */
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

/** To check what a body says and to put it in line takes about twice as long as to parse it. */
const HANDLING = 3;

/** What inflates a body keeps: zlib's window and tables, Node's stream and its chunk. */
const DECOMPRESSOR_BYTES = 128 * 1024;

/** A body is there as bytes, as text and as the values of that text. */
export const COPIES = 3;

/**
 * The body of an API request, of at most `maxBytes`, also when it is decompressed. Throws an `HttpError`: for a larger one, for one that is
 * no JSON, and when there is no memory for it.
 */
export async function readJson(exchange: Exchange, maxBytes: number): Promise<JSONValue> {
  const { request, buffers, headBytes, pacer, payer } = exchange;
  // Told before it is sent, where the sender says how much it will be.
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  await pacer.rest(payer);
  const isCompressed = request.headers["content-encoding"] !== undefined;
  const keptBytes = headBytes + (isCompressed ? DECOMPRESSOR_BYTES : 0);
  if (!buffers.resize(keptBytes)) throw busy();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of limitBody(decompress(request), maxBytes)) {
    size += chunk.byteLength;
    if (!buffers.resize(keptBytes + COPIES * size)) throw busy();
    chunks.push(chunk);
  }
  const begunAt = monotonicMs();
  try {
    const text = Buffer.concat(chunks).toString("utf8");
    if (isTooDeep(text)) throw new HttpError(400, "BadJsonBody", "The body is nested too deep");
    return JSON.parse(text) as JSONValue;
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw new HttpError(400, "BadJsonBody", error instanceof Error ? error.message : String(error));
  } finally {
    pacer.charge(payer, HANDLING * (monotonicMs() - begunAt));
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
