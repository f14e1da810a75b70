import type { FileHttp } from "../files/fileHttp.ts";
import type { StorageApi } from "./api.ts";
import { sendWebResponse, toWebRequest } from "./httpActions.ts";
import type { Exchange } from "./exchange.ts";
import { busy, HttpError } from "./respond.ts";

const PREFIX = "/api/storage/";

/** What a download keeps until its client has read on: chunks in the streams that it goes through, and those themselves. */
const DOWNLOAD_BYTES = 128 * 1024;

/** `POST /api/storage/upload` and `GET /api/storage/<uuid>`. How much may be uploaded is the file store's own limit. */
export function createStorageApi(files: FileHttp, siteUrl: string): StorageApi {
  return async (exchange, response, url) => {
    const { request } = exchange;
    if (request.method === "GET") payForDownload(exchange);
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const webRequest = toWebRequest(request, siteUrl, gone.signal, Infinity);
    const name = url.pathname.slice(PREFIX.length);
    await sendWebResponse(response, await answer(webRequest, name));
  };

  function answer(request: Request, name: string): Promise<Response> {
    switch (request.method) {
      case "POST":
        if (name === "upload") return files.upload(request);
        break;
      case "GET":
      case "HEAD":
        return files.download(request, name);
    }
    throw new HttpError(405, "MethodNotAllowed", "Files are uploaded by POST and read by GET");
  }
}

/** Throws an `HttpError` where there is no memory. Pictures come without a token: who knows a file's address is taken for a person. */
function payForDownload({ buffers, headBytes, payer }: Exchange): void {
  buffers.moveTo(payer, false);
  if (!buffers.resize(headBytes + DOWNLOAD_BYTES)) throw busy();
}
