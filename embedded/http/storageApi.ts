import type { FileHttp } from "../files/fileHttp.ts";
import type { StorageApi } from "./api.ts";
import { sendWebResponse, toWebRequest } from "./httpActions.ts";
import { HttpError } from "./respond.ts";

const PREFIX = "/api/storage/";

/** `POST /api/storage/upload` and `GET /api/storage/<uuid>`. How much may be uploaded is the file store's own limit. */
export function createStorageApi(files: FileHttp, siteUrl: string): StorageApi {
  return async ({ request }, response, url) => {
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
