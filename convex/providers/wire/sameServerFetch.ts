import { at } from "../problemOf";
import { ProviderFailure } from "../providerFailure";

/** Redirects that are followed: from HTTP to HTTPS, to an address with a slash. */
const MAX_REDIRECTS = 3;

/**
 * `fetch` that sends a request, and the key in it, nowhere but to the server that was named: `fetch` itself would take headers such as `x-api-key` along to
 * wherever a redirect leads. Rejects with a `ProviderFailure` for a redirect that leads elsewhere.
 */
export async function sameServerFetch(url: string, init: RequestInit): Promise<Response> {
  let address = url;
  for (let redirects = 0; ; redirects++) {
    const response = await fetch(address, { ...init, redirect: "manual" });
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    const next = new URL(location, address);
    await response.body?.cancel().catch(() => undefined);
    // Only these keep the request what it is.
    const isKept = (init.method ?? "GET") === "GET" || response.status === 307 || response.status === 308;
    if (!isKept || !isSameServer(new URL(url), next) || redirects >= MAX_REDIRECTS) {
      const words = `${next.origin}${next.pathname}`;
      throw new ProviderFailure({ kind: "redirect", status: response.status, words, ...at(url) });
    }
    address = next.href;
  }
}

/** Also when it wants HTTPS, and never when it gives that up: the key goes along. */
const isSameServer = (from: URL, to: URL): boolean =>
  from.origin === to.origin ||
  (from.hostname === to.hostname && from.protocol === "http:" && to.protocol === "https:");
