import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { HttpError, sendError } from "./respond.ts";

/** How often uploads are looked at. One that brought too little between two looks is ended: after one to two periods. */
const PERIOD_MS = 30_000;

/**
 * Bytes that an upload must bring in a period. Any line that a person would wait for brings far more; who sends a byte now and then to
 * keep a connection busy does not.
 */
const MIN_BYTES = 1024;

type Upload = {
  request: IncomingMessage;
  response: ServerResponse;
  /** Null before the first. */ bytesAtLastLook: number | null;
};

/**
 * Bounds the silence of uploads in place of their whole time: a large file over a slow line may take an hour, a body that stops coming
 * may not hold its connection. (Heads have a limit of their own.) Returns what a period's end does, for tests.
 */
export function watchUploads(server: Server): { look: () => void; stop: () => void } {
  const uploads = new Set<Upload>();
  server.on("request", (request, response) => {
    if (request.complete) return;
    const upload: Upload = { request, response, bytesAtLastLook: null };
    uploads.add(upload);
    const forget = () => uploads.delete(upload);
    request.once("end", forget);
    request.once("close", forget);
  });
  const look = () => {
    for (const upload of uploads) {
      const { request, bytesAtLastLook } = upload;
      const { bytesRead } = request.socket;
      upload.bytesAtLastLook = bytesRead;
      // What lies here unread waits for us, not for the sender.
      const isOurTurn = request.readableLength > 0;
      if (bytesAtLastLook !== null && !isOurTurn && bytesRead - bytesAtLastLook < MIN_BYTES) end(upload);
    }
  };
  const timer = setInterval(look, PERIOD_MS);
  timer.unref();
  return { look, stop: () => clearInterval(timer) };
}

function end({ request, response }: Upload): void {
  // The answer first: with the request its connection goes.
  response.once("close", () => request.destroy());
  response.once("finish", () => request.destroy());
  response.shouldKeepAlive = false;
  sendError(response, new HttpError(408, "RequestTimeout", "The request's body has stopped coming"));
}
