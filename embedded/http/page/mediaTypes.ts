import path from "node:path";

type MediaType = { type: string; isText: boolean };

const text = (type: string): MediaType => ({ type, isText: true });
const binary = (type: string): MediaType => ({ type, isText: false });

/** What built pages are made of. `isText`: worth compressing. */
const BY_EXTENSION: Readonly<Record<string, MediaType>> = {
  ".html": text("text/html; charset=utf-8"),
  ".js": text("text/javascript; charset=utf-8"),
  ".mjs": text("text/javascript; charset=utf-8"),
  ".css": text("text/css; charset=utf-8"),
  ".json": text("application/json"),
  ".map": text("application/json"),
  ".webmanifest": text("application/manifest+json"),
  ".svg": text("image/svg+xml"),
  ".txt": text("text/plain; charset=utf-8"),
  ".xml": text("application/xml"),
  ".wasm": text("application/wasm"),
  ".ico": binary("image/x-icon"),
  ".png": binary("image/png"),
  ".jpg": binary("image/jpeg"),
  ".jpeg": binary("image/jpeg"),
  ".gif": binary("image/gif"),
  ".webp": binary("image/webp"),
  ".avif": binary("image/avif"),
  ".woff": binary("font/woff"),
  ".woff2": binary("font/woff2"),
  ".ttf": binary("font/ttf"),
  ".mp3": binary("audio/mpeg"),
  ".mp4": binary("video/mp4"),
  ".webm": binary("video/webm"),
  ".pdf": binary("application/pdf"),
};

export function mediaTypeOf(file: string): MediaType {
  return BY_EXTENSION[path.extname(file).toLowerCase()] ?? binary("application/octet-stream");
}
