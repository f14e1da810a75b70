import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { RequestPace } from "../../../embedded/http/requestPace.ts";
import { Pacer } from "../../../embedded/pacer.ts";

type Sent = { request: IncomingMessage; pushed: Buffer[]; socket: { destroyed: boolean } };

/** A request of which only the head has come, in chunks. */
function chunkedRequest(address: string): Sent {
  const pushed: Buffer[] = [];
  const socket = { destroyed: false, remoteAddress: address, destroy: () => (socket.destroyed = true) };
  const request = Object.assign(new Readable({ read: () => {} }), {
    ...{ complete: false, socket, headers: { "transfer-encoding": "chunked" } },
    push: (chunk: Buffer) => pushed.push(chunk) < 2,
  });
  return { request: request as unknown as IncomingMessage, pushed, socket };
}

/** One whose time stands still: what is charged stays owed. */
class StillPacer extends Pacer {
  private readonly owedMs = new Map<string, number>();

  override charge(payer: string, ms: number): void {
    this.owedMs.set(payer, (this.owedMs.get(payer) ?? 0) + ms);
  }

  override waitMs(payer: string): number {
    return Math.max(0, (this.owedMs.get(payer) ?? 0) - 50);
  }
}

const openPace = (): RequestPace =>
  new RequestPace(new StillPacer(), ({ socket }) => socket.remoteAddress ?? "", new StillPacer());

test("[E16.12] an address that sends one request after the other waits, and others do not", () => {
  const pace = openPace();
  const one = chunkedRequest("192.0.2.1").request;
  const rests = Array.from({ length: 1_000 }, () => pace.begin(one));
  expect(rests.slice(0, 100)).toEqual(Array(100).fill(null));
  expect(rests.at(-1)).toBeInstanceOf(Promise);
  expect(pace.begin(chunkedRequest("192.0.2.2").request)).toBeNull();
});

test("[E16.12] small chunks are passed on together, in order, before what is larger and before the end", async () => {
  const pace = openPace();
  const { request, pushed } = chunkedRequest("192.0.2.1");
  void pace.begin(request);
  const bytes = Buffer.from(Array.from({ length: 40_000 }, (_, i) => i % 251));
  for (let i = 0; i < 39_000; i++) request.push(bytes.subarray(i, i + 1));
  request.push(bytes.subarray(39_000));
  request.push(Buffer.from("z"));
  await new Promise(setImmediate);
  request.push(null);
  expect(pushed.length).toBeLessThan(10);
  expect(pushed.pop()).toBe(null);
  expect(Buffer.concat(pushed)).toEqual(Buffer.concat([bytes, Buffer.from("z")]));
});

test("[E16.12] whoever sends nothing but small chunks is disconnected before they take up the server's time", () => {
  const pace = openPace();
  const { request, socket } = chunkedRequest("192.0.2.1");
  void pace.begin(request);
  let sent = 0;
  while (!socket.destroyed && sent < 10_000_000) {
    request.push(Buffer.from("x"));
    sent++;
  }
  expect(sent).toBeLessThan(100_000);
  expect([pace.isFlooding("192.0.2.1"), pace.isFlooding("192.0.2.2")]).toEqual([true, false]);
});
