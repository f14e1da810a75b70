"use node";

import { isIP } from "node:net";
import type { Readable } from "node:stream";
import type { McpServer } from "../../../shared/mcpConfig";
import { checkedRequest, INTERNET, type Network } from "../web/checkedRequest";

/**
 * `fetch` for the addresses that a sign-in comes by. The owner has named that of the MCP server, and of the `issuer` if they have: these may be
 * anywhere. All others are what those servers say, and are reached on the public internet alone, by https. Where the MCP server is on this
 * machine, so may be the one that signs people in to it.
 */

/** What one request may take, milliseconds. */
const TIME_LIMIT_MS = 10_000;

/** Bytes of an answer: metadata, or tokens. */
const MAX_BYTES = 256 * 1024;

export function discoveryFetch(server: McpServer, network: Network = INTERNET): typeof fetch {
  const named = [server.url, server.signIn?.issuer].filter((address) => address !== undefined);
  const origins = named.map((address) => new URL(address).origin);
  const isLocal = isThisMachine(new URL(server.url));
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const timeout = AbortSignal.timeout(TIME_LIMIT_MS);
    const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
    if (origins.includes(url.origin) || (isLocal && isThisMachine(url))) {
      // A redirect leads to an address that nobody has looked at; whoever follows it asks here again.
      return await bounded(await fetch(url, { ...init, signal, redirect: init.redirect ?? "error" }));
    }
    if (url.protocol !== "https:") throw new Error(`${url.origin} must be reached by https.`);
    return await checkedFetch(url, init, signal, network);
  };
}

function isThisMachine({ hostname }: URL): boolean {
  const name = hostname.replace(/^\[(.*)\]$/, "$1");
  return name === "localhost" || name === "::1" || (isIP(name) === 4 && name.startsWith("127."));
}

async function checkedFetch(
  url: URL,
  init: RequestInit,
  signal: AbortSignal,
  network: Network,
): Promise<Response> {
  const { method = "GET", body, redirect } = init;
  const headers = Object.fromEntries(new Headers(init.headers));
  // Forms, and JSON as text: nothing else is sent here.
  const text =
    typeof body === "string" ? body : body instanceof URLSearchParams ? body.toString() : undefined;
  if (body instanceof URLSearchParams) {
    headers["content-type"] ??= "application/x-www-form-urlencoded;charset=UTF-8";
  }
  const response = await checkedRequest(url, {
    ...{ method, headers, signal, network },
    ...(text !== undefined && { body: text }),
  });
  const { statusCode: status = 502 } = response;
  if (redirect === "error" && status >= 300 && status < 400) {
    response.destroy();
    throw new TypeError("A redirect where none may be.");
  }
  const bytes = await readAll(response);
  const { location, "content-type": contentType } = response.headers;
  return new Response(hasNoBody(status) ? null : bytes, {
    status,
    headers: {
      ...(location !== undefined && { location }),
      ...(contentType !== undefined && { "content-type": contentType }),
    },
  });
}

const hasNoBody = (status: number): boolean => [204, 205, 304].includes(status);

async function readAll(stream: Readable): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    size += piece.byteLength;
    // Leaving the loop destroys the stream.
    if (size > MAX_BYTES) throw new Error("The answer is too long.");
    pieces.push(piece);
  }
  return new Uint8Array(Buffer.concat(pieces));
}

/** The same response, whose body ends with an error where it is too long. */
async function bounded(response: Response): Promise<Response> {
  if (response.body === null) return response;
  let size = 0;
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      size += piece.byteLength;
      if (size > MAX_BYTES) controller.error(new Error("The answer is too long."));
      else controller.enqueue(piece);
    },
  });
  const { status, headers } = response;
  return new Response(response.body.pipeThrough(count), { status, headers });
}
