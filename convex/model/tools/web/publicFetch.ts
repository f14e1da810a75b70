"use node";

import type http from "node:http";
import type { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { checkedRequest, INTERNET, type Network } from "./checkedRequest";

/** GET for addresses that a model names, with redirects: only the public internet is reached (`checkedRequest.ts`). */

const MAX_REDIRECTS = 5;

/** Bytes of a page, unpacked. */
const MAX_BYTES = 2 * 1024 * 1024;

/** All that one read may take, milliseconds. */
const TIME_LIMIT_MS = 20_000;

export type Fetched = {
  /** Where the redirects ended. */
  url: string;
  contentType: string;
  bytes: Uint8Array;
  /** The page was longer than is read. */
  isCut: boolean;
};

/**
 * The page at an address, whose type `accepts` must take. Rejects with an Error in words for a model: not public, not found, no such type, too many redirects,
 * too slow.
 */
export async function publicFetch(
  address: string,
  options: {
    signal: AbortSignal;
    accepts: (contentType: string) => boolean;
    network?: Network;
    limitMs?: number;
  },
): Promise<Fetched> {
  const { network = INTERNET, limitMs = TIME_LIMIT_MS, accepts } = options;
  const timeout = AbortSignal.timeout(limitMs);
  const signal = AbortSignal.any([options.signal, timeout]);
  try {
    let url = webAddress(address);
    for (let redirects = 0; ; redirects++) {
      const response = await checkedRequest(url, { headers: HEADERS, network, signal });
      const location = redirectOf(response);
      if (location === null) return await readPage(url, response, accepts);
      response.destroy();
      if (redirects >= MAX_REDIRECTS) throw new Error("The page redirects too often.");
      url = webAddress(location, url);
    }
  } catch (error) {
    if (timeout.aborted)
      throw new Error(`The page was not there within ${Math.round(limitMs / 1_000)} seconds.`);
    throw error instanceof Error ? inWords(error) : new Error("The page could not be read.");
  }
}

function webAddress(address: string, base?: URL): URL {
  if (!URL.canParse(address, base)) throw new Error("This is no web address.");
  const url = new URL(address, base);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new Error("Only addresses with http:// or https:// can be read.");
  }
  // Never sent, as they may be somebody's.
  url.username = "";
  url.password = "";
  url.hash = "";
  return url;
}

const HEADERS = {
  Accept: "text/html, application/xhtml+xml, text/*;q=0.9, application/json;q=0.8",
  "Accept-Encoding": "gzip, br, deflate",
  "Accept-Language": "en, *;q=0.5",
  "User-Agent": "Mozilla/5.0 (compatible; Verbatim; reads a page for a person who asked)",
};

function redirectOf({ statusCode = 0, headers }: http.IncomingMessage): string | null {
  const isRedirect = [301, 302, 303, 307, 308].includes(statusCode);
  return isRedirect && headers.location !== undefined ? headers.location : null;
}

async function readPage(
  url: URL,
  response: http.IncomingMessage,
  accepts: (contentType: string) => boolean,
): Promise<Fetched> {
  const { statusCode = 0, headers } = response;
  const contentType = headers["content-type"] ?? "";
  try {
    if (statusCode < 200 || statusCode > 299)
      throw new Error(`The page's server answered with ${statusCode}.`);
    if (!accepts(contentType)) {
      throw new Error(`Only text can be read; this is ${contentType.split(";")[0] || "of no known type"}.`);
    }
    const { bytes, isCut } = await readStart(unpacked(response));
    return { url: url.href, contentType, bytes, isCut };
  } finally {
    response.destroy();
  }
}

/** The body without its packing. Unpacked bytes are counted, so that a small one that swells is cut as well. */
function unpacked(response: http.IncomingMessage): Readable {
  const unpack = {
    gzip: createGunzip,
    "x-gzip": createGunzip,
    deflate: createInflate,
    br: createBrotliDecompress,
  }[response.headers["content-encoding"]?.trim().toLowerCase() ?? ""];
  if (unpack === undefined) return response;
  const stream = unpack();
  response.on("error", (error) => stream.destroy(error));
  response.pipe(stream);
  return stream;
}

async function readStart(stream: Readable): Promise<{ bytes: Uint8Array; isCut: boolean }> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    pieces.push(piece);
    size += piece.byteLength;
    // Leaving the loop destroys the stream.
    if (size > MAX_BYTES) break;
  }
  return { bytes: Buffer.concat(pieces).subarray(0, MAX_BYTES), isCut: size > MAX_BYTES };
}

/** What the network says names addresses and is hard to read. */
function inWords(error: Error & { code?: string }): Error {
  switch (error.code) {
    case undefined:
      return error;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new Error("There is no such host.");
    case "ECONNREFUSED":
    case "ECONNRESET":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ETIMEDOUT":
      return new Error("The page's server cannot be reached.");
    default:
      return new Error(`The page could not be read (${error.code}).`);
  }
}
