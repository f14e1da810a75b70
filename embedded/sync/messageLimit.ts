import type { WebSocket } from "ws";

/** What `ws` 8 calls it, in the reader of frames and in what inflates them. */
type Limited = { _maxPayload: number };
type Internals = {
  readonly _receiver?: Limited & { readonly _extensions: Readonly<Record<string, Limited>> };
};

/**
 * Sets the bytes of the largest message that is taken from now on, as inflated. `ws` has an option for that which is the same for all sockets and all their life; but
 * a stranger's few kilobytes would be inflated to the megabytes that people may send, before anybody could look at them.
 */
export function limitMessages(socket: WebSocket, bytes: number): void {
  const { _receiver: receiver } = socket as unknown as Internals;
  if (receiver === undefined) return;
  receiver._maxPayload = bytes;
  for (const extension of Object.values(receiver._extensions)) extension._maxPayload = bytes;
}
