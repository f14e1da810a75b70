import { once } from "node:events";
import { createServer } from "node:http";
import type { RequestListener, ServerResponse } from "node:http";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { Connections } from "../../../embedded/http/connections.ts";

/** A server's connections, and where to open them: eight at once, unless `limits` says otherwise. */
async function listening(
  limits: { connections?: number; newConnectionsPerSecond: number },
  onRequest: RequestListener = () => {},
) {
  const server = createServer(onRequest).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  const connections = new Connections(
    server,
    { connections: 8, connectionsPerAddress: 8, ...limits },
    () => false,
  );
  await once(server, "listening");
  return { connections, port: (server.address() as AddressInfo).port };
}

test("[E16.11] a connection's end is the end of all its responses, also of those that wait behind another", async () => {
  const responses: ServerResponse[] = [];
  const { connections, port } = await listening({ newConnectionsPerSecond: 8 }, (_request, response) => {
    responses.push(response);
  });
  const client = connect(port, "127.0.0.1");
  client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(5));
  await expect.poll(() => responses).toHaveLength(5);
  let closed = 0;
  for (const response of responses) response.once("close", () => closed++);
  client.destroy();
  await expect.poll(() => closed).toBe(5);
  expect(responses.every(({ destroyed }) => destroyed)).toBe(true);
  expect(connections.size).toBe(0);
});

test("[E16.9] a connection too many is never answered, and closed only after a while: whoever opened it does not come back at once", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  let requests = 0;
  // Five seconds' worth at once.
  const { connections, port } = await listening({ newConnectionsPerSecond: 1 / 5 }, (_request, response) => {
    requests++;
    response.end();
  });
  const open = () => {
    const client = connect(port, "127.0.0.1");
    onTestFinished(() => void client.destroy());
    client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    return client;
  };
  await once(open(), "data");
  const refused = open();
  const closed = once(refused.resume(), "close");
  await expect.poll(() => connections["held"].size).toBe(1);
  expect([requests, connections.size, refused.closed]).toEqual([1, 1, false]);
  vi.advanceTimersByTime(2_000);
  await closed;
  expect(requests).toBe(1);
});

test("[E16.9] whoever opens connections again and again has those that are refused kept for longer", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const { connections, port } = await listening({ connections: 512, newConnectionsPerSecond: 1 / 6 });
  const clients = Array.from({ length: 150 }, () => connect(port, "127.0.0.1").resume());
  onTestFinished(() => clients.forEach((client) => client.destroy()));
  await expect.poll(() => connections["held"].size).toBe(150);
  vi.advanceTimersByTime(2_000);
  await expect.poll(() => connections["held"].size).toBe(150 - 128);
  vi.advanceTimersByTime(18_000);
  await expect.poll(() => connections["held"].size).toBe(0);
  expect(connections["heldPerGroup"].size).toBe(0);
});

test("[E16.9] of a connection that was refused nothing is kept: what it sends is thrown away, and it goes when its client does", async () => {
  // It is not time that closes it.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const { connections, port } = await listening({ newConnectionsPerSecond: 1 / 6 });
  const open = (bytes: number) => {
    const client = connect(port, "127.0.0.1", () => client.write(Buffer.alloc(bytes)));
    client.on("error", () => {});
    onTestFinished(() => void client.destroy());
    return client;
  };
  const client = open(60_000);
  await expect
    .poll(() => [...connections["held"]].map((socket) => "bytesRead" in socket && socket.bytesRead))
    .toEqual([60_000]);
  expect([...connections["held"]].map(({ readableLength }) => readableLength)).toEqual([0]);
  const [held] = connections["held"];
  const gone = once(held!, "close");
  client.destroy();
  await gone;
  expect(connections["held"].size).toBe(0);
  // Nobody's request is as large as an upload.
  await once(open(70_000), "close");
  expect(connections["held"].size).toBe(0);
});

test("[E16.9] of those that are refused no more are kept waiting than half as many as there may be connections", async () => {
  const { connections, port } = await listening({ newConnectionsPerSecond: 1 / 6 });
  let closed = 0;
  const clients = Array.from({ length: 20 }, () =>
    connect(port, "127.0.0.1")
      .resume()
      .on("error", () => {})
      .once("close", () => closed++),
  );
  onTestFinished(() => clients.forEach((client) => client.destroy()));
  await expect.poll(() => closed).toBe(16);
  expect(connections["held"].size).toBe(4);
});
