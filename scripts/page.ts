/** Serves the built page from memory: a fixed set of files, so that no request can name another. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import { gzipSync } from "node:zlib";

export type PageHandler = (request: IncomingMessage, response: ServerResponse) => void;

type PageFile = {
  content: Buffer;
  isCompressible: boolean;
  /** Made at the first request that accepts it. */
  gzip: Buffer | null;
  headers: Record<string, string>;
  etag: string;
};

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".woff": "font/woff",
  ".ttf": "font/ttf",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
};
const COMPRESSED_ALREADY = new Set([".png", ".ico", ".woff2", ".woff"]);
/** Each file is compressed once. */
const GZIP_LEVEL = 9;
/** Vite names files below `assets/` after their content, so they never change. */
const IMMUTABLE = "public, max-age=31536000, immutable";
const REVALIDATE = "no-cache";

/** A handler for all files of `folder`; paths that name no file get `index.html`, as a page with routes needs. */
export function servePage(folder: string): PageHandler {
  const files = readFiles(folder);
  const index = files.get("/index.html");
  if (!index) throw new Error(`${folder} holds no index.html`);

  return (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
      return;
    }
    const requested = pathOf(request);
    const file = files.get(requested) ?? (isRoute(requested) ? index : null);
    if (file) send(file, request, response);
    else response.writeHead(404, { "content-type": "text/plain" }).end("Not found\n");
  };
}

function readFiles(folder: string): Map<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const urlPath = `/${path.relative(folder, file).split(path.sep).join("/")}`;
    const content = readFileSync(file);
    files.set(urlPath, {
      content,
      isCompressible: !COMPRESSED_ALREADY.has(path.extname(urlPath)),
      gzip: null,
      etag: `"${createHash("sha256").update(content).digest("base64url").slice(0, 22)}"`,
      headers: headersFor(urlPath, content),
    });
  }
  return files;
}

function headersFor(urlPath: string, content: Buffer): Record<string, string> {
  const extension = path.extname(urlPath);
  return {
    "content-type": CONTENT_TYPES[extension] ?? "application/octet-stream",
    "cache-control": urlPath.startsWith("/assets/") ? IMMUTABLE : REVALIDATE,
    "x-content-type-options": "nosniff",
    ...(extension === ".html" && {
      "content-security-policy": contentSecurityPolicy(content.toString("utf8")),
      "referrer-policy": "no-referrer",
    }),
  };
}

/** The last line of defence against script in a model's output: only what was built here may run. */
function contentSecurityPolicy(html: string): string {
  const inlineScripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, script = ""]) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`,
  );
  return [
    "default-src 'self'",
    ["script-src 'self' 'wasm-unsafe-eval'", ...inlineScripts].join(" "),
    // Highlighted code, formulas and diagrams set colours and sizes on their elements.
    "style-src 'self' 'unsafe-inline'",
    // Remote images are loaded only when the reader asks for them; the page sees to that.
    "img-src 'self' data: blob: https:",
    "font-src 'self' data:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function pathOf(request: IncomingMessage): string {
  try {
    return decodeURIComponent(new URL(request.url ?? "/", "http://page").pathname);
  } catch {
    return "";
  }
}

/** Names with an extension ask for files: a missing one must not be answered with the page. */
function isRoute(urlPath: string): boolean {
  return urlPath !== "" && path.extname(urlPath) === "";
}

function send(file: PageFile, request: IncomingMessage, response: ServerResponse): void {
  const headers: Record<string, string> = { ...file.headers, etag: file.etag, vary: "accept-encoding" };
  if (request.headers["if-none-match"] === file.etag) {
    response.writeHead(304, headers).end();
    return;
  }
  let body = file.content;
  if (file.isCompressible && acceptsGzip(request)) {
    file.gzip ??= gzipSync(file.content, { level: GZIP_LEVEL });
    body = file.gzip;
    headers["content-encoding"] = "gzip";
  }
  headers["content-length"] = String(body.byteLength);
  response.writeHead(200, headers);
  response.end(request.method === "HEAD" ? undefined : body);
}

/** Not Brotli: browsers accept it over HTTPS and on localhost only, and one way is enough. */
function acceptsGzip(request: IncomingMessage): boolean {
  return /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
}
