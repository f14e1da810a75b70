import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { whileConnected } from "../../../embedded/http/whileConnected.ts";

const requestOn = (socket: EventEmitter & { destroyed?: boolean }) =>
  ({ socket }) as unknown as IncomingMessage;

test("[E16.4] the signal tells when the client leaves, also when it has left before", async () => {
  const socket = new EventEmitter();
  const aborted = whileConnected(requestOn(socket), async (left) => {
    expect(left.aborted).toBe(false);
    socket.emit("close");
    return left.aborted;
  });
  expect(await aborted).toBe(true);
  const gone = Object.assign(new EventEmitter(), { destroyed: true });
  expect(await whileConnected(requestOn(gone), async (left) => left.aborted)).toBe(true);
});

test("[E16.4] requests on one connection leave no listeners behind, whether they succeed or fail", async () => {
  const socket = new EventEmitter();
  await whileConnected(requestOn(socket), async () => null);
  await expect(whileConnected(requestOn(socket), () => Promise.reject(new Error("no")))).rejects.toThrow(
    "no",
  );
  expect(socket.listenerCount("close")).toBe(0);
});
