import type { IncomingMessage } from "node:http";

/**
 * A request's path and query, at `origin`. A request line may name anything: of an absolute form (RFC 9112, 3.2.2) the host is not looked at,
 * a path that begins with two slashes is a path, and what is neither is the root.
 */
export function urlOf({ url = "/" }: Pick<IncomingMessage, "url">, origin = "http://host"): URL {
  if (url.startsWith("/")) return new URL(`${origin}${url}`);
  const { pathname, search } = URL.canParse(url) ? new URL(url) : new URL(origin);
  return new URL(`${origin}${pathname.startsWith("/") ? pathname : "/"}${search}`);
}
