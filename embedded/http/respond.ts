import type { ServerResponse } from "node:http";

/** A request that is answered with an error of the HTTP API, in the form that Convex gives it. */
export class HttpError extends Error {
  override name = "HttpError";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { "content-type": "application/json", "content-length": body.byteLength });
  response.end(body);
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  response.end(text);
}

export function sendError(response: ServerResponse, { status, code, message }: HttpError): void {
  if (response.headersSent) response.destroy();
  else sendJson(response, status, { code, message });
}
