import type { Server, ServerResponse } from "node:http";

/** How often responses are looked at. One whose client reads nothing between two looks is ended: after one to two periods. */
const PERIOD_MS = 30_000;

/**
 * Bounds how long a response waits for its client to read on: what waits is memory, and a client that has gone to sleep asks again. Returns
 * what a period's end does, for tests.
 */
export function watchReaders(server: Server): { look: () => void; stop: () => void } {
  /** Bytes that had been taken at the last look; `null` before the first. */
  const responses = new Map<ServerResponse, number | null>();
  server.on("request", (_request, response) => {
    responses.set(response, null);
    response.once("close", () => responses.delete(response));
  });
  const look = (): void => {
    for (const [response, takenBefore] of responses) {
      const { socket } = response;
      if (socket === null) continue;
      // What Node calls written includes what still waits.
      const taken = socket.bytesWritten - socket.writableLength;
      if (socket.writableLength > 0 && taken === takenBefore) socket.destroy();
      else responses.set(response, taken);
    }
  };
  const timer = setInterval(look, PERIOD_MS);
  timer.unref();
  return { look, stop: () => clearInterval(timer) };
}
