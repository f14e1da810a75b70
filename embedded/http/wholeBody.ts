import type { IncomingMessage } from "node:http";

/** Milliseconds that a request is waited for before it gets its place, though more of it is still to come. */
const PATIENCE_MS = 2_000;

/**
 * Waits until a request has come whole, as nearly all do at once, or fills Node's own buffer, or has taken 2 s. Resolves to whether
 * more is still to come: whoever sends it a byte at a time must not hold one of the places of those who have sent theirs.
 */
export function untilWhole(request: IncomingMessage): Promise<boolean> {
  const isDone = (): boolean =>
    request.complete || request.destroyed || request.readableLength >= request.readableHighWaterMark;
  if (isDone()) return Promise.resolve(!request.complete);
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      request.off("readable", look);
      request.off("close", end);
      resolve(!request.complete);
    };
    const look = (): void => {
      if (isDone()) end();
    };
    const timer = setTimeout(end, PATIENCE_MS);
    // To listen is what makes Node read.
    request.on("readable", look);
    request.once("close", end);
  });
}
