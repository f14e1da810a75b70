import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { limitBody, MAX_BODY_BYTES } from "./body.ts";
import { urlOf } from "./requestUrl.ts";

/** The request as an HTTP action sees it. `siteUrl` rather than `Host` is its origin, so that URLs built on it hold. */
export function toWebRequest(
  request: IncomingMessage,
  siteUrl: string,
  signal: AbortSignal,
  maxBytes = MAX_BODY_BYTES,
): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    for (const single of [value ?? []].flat()) headers.append(name, single);
  }
  const method = request.method ?? "GET";
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(urlOf(request, siteUrl), {
    method,
    headers,
    signal,
    ...(hasBody
      ? { body: Readable.toWeb(Readable.from(limitBody(request, maxBytes))) as BodyInit, duplex: "half" }
      : {}),
  });
}

/** Sends what an HTTP action answered, as fast as the client reads it. Aborts the stream when the client goes. */
export async function sendWebResponse(response: ServerResponse, answer: Response): Promise<void> {
  if (response.headersSent) {
    // The client has its answer: that its request's body stopped coming.
    await answer.body?.cancel();
    return;
  }
  const headers: [string, string][] = [...answer.headers].filter(([name]) => name !== "set-cookie");
  for (const cookie of answer.headers.getSetCookie()) headers.push(["set-cookie", cookie]);
  response.writeHead(answer.status, answer.statusText || undefined, headers.flat());
  if (answer.body === null) response.end();
  else {
    // A first chunk may be long in coming; the client shall know at once that it is on its way.
    response.flushHeaders();
    await pipeline(Readable.fromWeb(answer.body as ReadableStream), response);
  }
}
