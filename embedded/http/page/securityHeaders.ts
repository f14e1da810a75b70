import { createHash } from "node:crypto";

type Directives = Readonly<Record<string, readonly string[]>>;

/**
 * What a page may do: run and load only what came with it, and talk only to where it came from. Pictures may not come
 * from elsewhere, or text that somebody else wrote (a model's answer) could carry data out in a picture's address.
 * Styles may be inline, since libraries set them; scripts only by the hash of those that are in the page itself.
 * Files that people upload come from the same origin: that none of them is a script is seen to where they are served.
 */
const directives = (
  html: string | null,
  backend: readonly string[],
  sockets: readonly string[],
): Directives => ({
  "default-src": ["'self'"],
  "script-src": ["'self'", "'wasm-unsafe-eval'", ...(html === null ? [] : inlineScriptHashes(html))],
  "style-src": ["'self'", "'unsafe-inline'"],
  "img-src": ["'self'", "data:", "blob:", ...backend],
  "media-src": ["'self'", "data:", "blob:", ...backend],
  "font-src": ["'self'", "data:"],
  "connect-src": ["'self'", ...backend, ...sockets],
  "worker-src": ["'self'", "blob:"],
  "object-src": ["'none'"],
  "base-uri": ["'none'"],
  "form-action": ["'self'"],
});

const written = (policy: Directives): string =>
  Object.entries(policy)
    .map(([name, sources]) => [name, ...sources].join(" "))
    .join("; ");

/** The policy as a header; `html` is null for what is no page. Not every browser takes 'self' to include the socket of the same origin. */
export const contentSecurityPolicy = (html: string | null, host: string): string =>
  written({
    ...directives(html, [], [`ws://${host}`, `wss://${host}`]),
    "frame-ancestors": ["'none'"],
  });

/**
 * The same policy for a `<meta>` in the page, which holds on any static host too. `backend` is the URL of the deployment that the page
 * was built for, or null if it is the one that serves the page: its socket's address is then not known here, and any is let through, to be
 * narrowed by the header. A `<meta>` can't say who may frame the page, nor send the other headers: a static host should send them itself.
 */
export function metaContentSecurityPolicy(html: string, backend: string | null): string {
  if (backend === null) return written(directives(html, [], ["ws:", "wss:"]));
  const { origin } = new URL(backend);
  return written(directives(html, [origin], [origin.replace(/^http/, "ws")]));
}

export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "x-frame-options": "DENY",
};

function inlineScriptHashes(html: string): string[] {
  return [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/gi)].map(
    ([, code = ""]) => `'sha256-${createHash("sha256").update(code).digest("base64")}'`,
  );
}
