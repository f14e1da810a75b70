import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Download, FileHttp } from "../files/fileHttp.ts";
import type { StorageApi } from "./api.ts";
import type { Exchange } from "./exchange.ts";
import { sendWebResponse, toWebRequest } from "./httpActions.ts";
import { busy, HttpError } from "./respond.ts";

const PREFIX = "/api/storage/";

/**
 * What a download keeps until its client has read on: 100 KB of chunks and streams here, and what the system has taken to send, up to
 * some megabytes.
 */
const DOWNLOAD_BYTES = 512 * 1024;

/** Milliseconds of the server's thread that each byte of a download takes. */
const BYTE_MS = 3e-6;

/** `POST /api/storage/upload` and `GET /api/storage/<uuid>`. How much may be uploaded is the file store's own limit. */
export function createStorageApi(files: FileHttp, siteUrl: string): StorageApi {
  return async (exchange, response, url) => {
    const { request } = exchange;
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const webRequest = toWebRequest(request, siteUrl, gone.signal, Infinity);
    const name = url.pathname.slice(PREFIX.length);
    if (request.method === "POST" && name === "upload") {
      await sendWebResponse(response, await files.upload(webRequest));
    } else if (request.method === "GET" || request.method === "HEAD") {
      payForDownload(exchange);
      await sendDownload(exchange, response, await files.download(webRequest, name));
    } else throw new HttpError(405, "MethodNotAllowed", "Files are uploaded by POST and read by GET");
  };
}

/** Throws an `HttpError` where there is no memory. Pictures come without a token: who knows a file's address is taken for a person. */
function payForDownload({ buffers, headBytes, payer }: Exchange): void {
  buffers.moveTo(payer, false);
  if (!buffers.resize(headBytes + DOWNLOAD_BYTES)) throw busy();
}

async function sendDownload(
  exchange: Exchange,
  response: ServerResponse,
  { status, headers, body }: Download,
): Promise<void> {
  response.writeHead(status, [...headers].flat());
  if (body === null) response.end();
  else await pipeline(paced(body, exchange), response);
}

/** Reads on later, if the client's address has used more than its share. */
async function* paced(
  body: AsyncIterable<Uint8Array>,
  { pacer, payer }: Exchange,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of body) {
    yield chunk;
    pacer.charge(payer, BYTE_MS * chunk.byteLength);
    await pacer.rest(payer);
  }
}
