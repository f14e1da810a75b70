import type { IncomingMessage, ServerResponse } from "node:http";
import { isLoopback, parseHost } from "./access.ts";

/** A year, as browsers' lists of such hosts want it. Only this host: what is on its subdomains is not known here. */
const STRICT_TRANSPORT = "max-age=31536000";

/**
 * Has browsers come by HTTPS from now on, where a proxy that is trusted says that they did (E16.15; RFC 6797). Not for names of this machine
 * itself, at which other programs may speak plain HTTP.
 */
export function requireStrictTransport(
  request: IncomingMessage,
  response: ServerResponse,
  isProxy: (address: string) => boolean,
): void {
  const proto = [request.headers["x-forwarded-proto"] ?? ""].flat().join(",").split(",").at(-1)?.trim();
  const host = parseHost(request);
  if (proto !== "https" || host === null || isLoopback(host.hostname)) return;
  if (isProxy(request.socket.remoteAddress ?? ""))
    response.setHeader("strict-transport-security", STRICT_TRANSPORT);
}
