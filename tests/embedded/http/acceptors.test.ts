import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Acceptors } from "../../../embedded/http/acceptors.ts";

async function listening(): Promise<{ server: Server; acceptors: Acceptors; open: () => Promise<unknown> }> {
  const server = createServer((socket) => socket.on("error", () => {}).destroy());
  const acceptors = new Acceptors(server);
  onTestFinished(() => {
    acceptors.close();
    server.close();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { server, acceptors, open: () => once(connect(port, "127.0.0.1").resume(), "close") };
}

/** On a machine that is busy with other things it takes them more than a second. */
async function openUntilMany(acceptors: Acceptors, open: () => Promise<unknown>): Promise<void> {
  while (acceptors.size === 0) await openMany(open, 300);
  await expect.poll(() => acceptors.size).toBe(15);
}

const openMany = (open: () => Promise<unknown>, count: number): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, open));

test("[E16.13] once many come within a second, many are accepted in one turn of the event loop", async () => {
  const { server, acceptors, open } = await listening();
  await openMany(open, 150);
  expect(acceptors.size).toBe(0);
  await openUntilMany(acceptors, open);
  let inTurn = 0;
  let most = 0;
  server.on("connection", () => {
    if (inTurn++ === 0) setImmediate(() => (inTurn = 0));
    most = Math.max(most, inTurn);
  });
  await openMany(open, 300);
  expect(most).toBeGreaterThan(4);
});

test("[E16.13] when the server is closed nobody is accepted any more", async () => {
  const { server, acceptors, open } = await listening();
  await openUntilMany(acceptors, open);
  acceptors.close();
  server.close();
  await expect(open()).rejects.toThrow("ECONNREFUSED");
});
