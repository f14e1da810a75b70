import { createHash } from "node:crypto";

/**
 * What a page may do: run and load only what came with it, and talk only to where it came from. Pictures may not come
 * from elsewhere, or text that somebody else wrote (a model's answer) could carry data out in a picture's address.
 * Styles may be inline, since libraries set them; scripts only by the hash of those that are in the page itself.
 */
export function contentSecurityPolicy(html: string | null, host: string): string {
  const scripts = html === null ? [] : inlineScriptHashes(html);
  return [
    "default-src 'self'",
    ["script-src 'self' 'wasm-unsafe-eval'", ...scripts].join(" "),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' data: blob:",
    "font-src 'self' data:",
    // Not every browser takes 'self' to include the socket of the same origin.
    `connect-src 'self' ws://${host} wss://${host}`,
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
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
