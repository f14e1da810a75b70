import type { IncomingMessage, ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { isAmong } from "../../../embedded/http/clientAddress.ts";
import { requireStrictTransport } from "../../../embedded/http/strictTransport.ts";

/** What the response to a request says of HTTPS. */
function told(
  remoteAddress: string,
  proto: string | undefined,
  host = "chat.example.org",
): string | undefined {
  const headers: Record<string, string> = {};
  const response = { setHeader: (name: string, value: string) => (headers[name] = value) };
  const request = {
    socket: { remoteAddress },
    headersDistinct: { host: [host] },
    headers: { host, ...(proto !== undefined && { "x-forwarded-proto": proto }) },
  };
  requireStrictTransport(
    request as unknown as IncomingMessage,
    response as unknown as ServerResponse,
    isAmong(["10.0.0.0/8", "127.0.0.1"]),
  );
  return headers["strict-transport-security"];
}

test("[E16.15] HTTPS for good, where a trusted proxy says that the browser came by it", () => {
  expect(told("10.0.0.1", "https")).toBe("max-age=31536000");
  expect(told("::ffff:127.0.0.1", "http, https")).toBe("max-age=31536000");
  expect(told("10.0.0.1", "http")).toBeUndefined();
  expect(told("10.0.0.1", "https, http")).toBeUndefined();
  expect(told("10.0.0.1", undefined)).toBeUndefined();
  expect(told("203.0.113.5", "https")).toBeUndefined();
  expect(told("127.0.0.1", "https", "localhost:8443")).toBeUndefined();
});
