import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import path from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { sendText } from "../respond.ts";
import { mediaTypeOf } from "./mediaTypes.ts";
import { contentSecurityPolicy, SECURITY_HEADERS } from "./securityHeaders.ts";

/** What the build names by its content (`assets/index-BxY12_aZ.js`) never gets other content. */
const HASHED_NAME = /[\/]assets[\/][^\/]+-[A-Za-z0-9_-]{8}\.[a-z0-9]+$/;

/** Bytes below which compression saves less than a packet. */
const COMPRESS_FROM_BYTES = 1024;

/** Brotli's levels above this take seconds for a large script and save little. */
const BROTLI_QUALITY = 9;

type Encoding = "br" | "gzip" | "identity";

type StaticFile = {
  path: string;
  content: Buffer;
  etag: string;
  modifiedMs: number;
  /** Each made once, when first asked for. */
  encoded: Map<Encoding, Promise<Buffer>>;
};

/** Serves the files of a built page; a navigation to a path that is no file gets `index.html`. */
export function serveStaticFiles(directory: string): RequestListener {
  const root = path.resolve(directory);
  const cache = new Map<string, StaticFile>();

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      sendText(response, 405, "This path can only be read.");
      return;
    }
    const wanted = filePath(root, request.url ?? "/");
    const file = (wanted === null ? null : await load(wanted)) ?? (await fallback(request));
    if (file === null) sendText(response, 404, "There is no such page here.");
    else await sendFile(request, response, file);
  };

  const fallback = (request: IncomingMessage): Promise<StaticFile | null> =>
    isNavigation(request) ? load(path.join(root, "index.html")) : Promise.resolve(null);

  const load = async (file: string): Promise<StaticFile | null> => {
    const found = await stat(file).catch(() => null);
    if (found === null || !found.isFile()) return null;
    const known = cache.get(file);
    if (known?.modifiedMs === found.mtimeMs) return known;
    const content = await readFile(file);
    const etag = `"${createHash("sha256").update(content).digest("base64url").slice(0, 22)}"`;
    const loaded = { path: file, content, etag, modifiedMs: found.mtimeMs, encoded: new Map() };
    cache.set(file, loaded);
    return loaded;
  };

  return (request, response) => {
    respond(request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else sendText(response, 500, "The page could not be read.");
    });
  };
}

async function sendFile(request: IncomingMessage, response: ServerResponse, file: StaticFile): Promise<void> {
  const { type, isText } = mediaTypeOf(file.path);
  const isHtml = type.startsWith("text/html");
  const encoding =
    isText && file.content.byteLength >= COMPRESS_FROM_BYTES ? chooseEncoding(request) : "identity";
  const headers: Record<string, string | number> = {
    ...SECURITY_HEADERS,
    "content-type": type,
    "cache-control":
      HASHED_NAME.test(file.path) && !isHtml ? "public, max-age=31536000, immutable" : "no-cache",
    etag: file.etag,
    vary: "accept-encoding",
    "content-security-policy": contentSecurityPolicy(
      isHtml ? file.content.toString("utf8") : null,
      request.headers.host ?? "",
    ),
  };
  if (request.headers["if-none-match"] === file.etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const body = await encoded(file, encoding);
  if (encoding !== "identity") headers["content-encoding"] = encoding;
  response.writeHead(200, { ...headers, "content-length": body.byteLength });
  response.end(request.method === "HEAD" ? undefined : body);
}

/** What the build has compressed beside the file is taken; otherwise it is compressed here, once. */
function encoded(file: StaticFile, encoding: Encoding): Promise<Buffer> {
  const known = file.encoded.get(encoding);
  if (known !== undefined) return known;
  const made = encode(file, encoding);
  file.encoded.set(encoding, made);
  return made;
}

async function encode(file: StaticFile, encoding: Encoding): Promise<Buffer> {
  switch (encoding) {
    case "identity":
      return file.content;
    case "br":
      return (
        (await precompressed(file, ".br")) ??
        (await promisify(brotliCompress)(file.content, {
          params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY },
        }))
      );
    case "gzip":
      return (await precompressed(file, ".gz")) ?? (await promisify(gzip)(file.content));
    default:
      return encoding satisfies never;
  }
}

async function precompressed(file: StaticFile, extension: string): Promise<Buffer | null> {
  const found = await stat(file.path + extension).catch(() => null);
  return found !== null && found.mtimeMs >= file.modifiedMs ? readFile(file.path + extension) : null;
}

function chooseEncoding(request: IncomingMessage): Encoding {
  const accepted = (request.headers["accept-encoding"] ?? "")
    .split(",")
    .filter((entry) => !/;\s*q=0(\.0*)?\s*$/.test(entry))
    .map((entry) => entry.split(";")[0]?.trim());
  if (accepted.includes("br")) return "br";
  return accepted.includes("gzip") ? "gzip" : "identity";
}

/** The file that a URL names, or `null` for one outside the folder or hidden in it. */
function filePath(root: string, url: string): string | null {
  let pathname: string;
  try {
    pathname = decodeURIComponent(new URL(url, "http://host").pathname);
  } catch {
    return null;
  }
  if (pathname.includes("\0") || pathname.split(/[/\\]/).some((part) => part.startsWith("."))) return null;
  const file = path.join(root, pathname.endsWith("/") ? `${pathname}index.html` : pathname);
  return file.startsWith(root + path.sep) ? file : null;
}

/** A script or picture that is missing must not be answered with a page. */
function isNavigation({ headers, url = "/" }: IncomingMessage): boolean {
  const mode = headers["sec-fetch-mode"];
  if (mode !== undefined) return mode === "navigate";
  return (headers.accept ?? "").includes("text/html") && path.extname(url.split("?")[0] ?? "") === "";
}
