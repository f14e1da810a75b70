import type { ServerResponse } from "node:http";

/** A request that is answered with an error of the HTTP API, in the form that Convex gives it. */
export class HttpError extends Error {
  override name = "HttpError";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Seconds after which it may be tried again. */
    readonly retryAfterS: number | null = null,
  ) {
    super(message);
  }
}

/** Seconds after which there may be memory again. */
export const RETRY_AFTER_S = 5;

/** There is no memory for a request now. */
export function busy(): HttpError {
  const message = "The server has no room for this request now. Try again later.";
  return new HttpError(503, "Overloaded", message, RETRY_AFTER_S);
}

/** `headers`: beside type and length. */
export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string | number>> = {},
): void {
  sendJsonBody(response, status, Buffer.from(JSON.stringify(value)), headers);
}

/** `body` is JSON text. */
export function sendJsonBody(
  response: ServerResponse,
  status: number,
  body: Buffer,
  headers: Readonly<Record<string, string | number>> = {},
): void {
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": body.byteLength,
    ...headers,
  });
  response.end(body);
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  response.end(text);
}

export function sendError(response: ServerResponse, { status, code, message, retryAfterS }: HttpError): void {
  if (response.headersSent) response.destroy();
  else
    sendJson(response, status, { code, message }, retryAfterS === null ? {} : { "retry-after": retryAfterS });
}
