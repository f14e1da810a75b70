import { once } from "node:events";
import { createServer, request as send, type ClientRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { generateUploadUrl } from "../../../embedded/files/syscalls.ts";
import { watchUploads } from "../../../embedded/http/uploadWatch.ts";
import { createLog } from "../../../embedded/log.ts";
import { serve } from "../served/backend.ts";

/** A server that reads bodies whole, or when told; periods end when the test says so. */
async function watched(read: "at once" | "when told" = "at once") {
  const state = { bytes: 0, failures: [] as unknown[], readNow: () => {} };
  let arrived: () => void = () => {};
  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    const readAll = () => {
      request.on("data", (chunk: Buffer) => {
        state.bytes += chunk.length;
        arrived();
      });
      request.on("end", () => response.end("whole"));
      request.on("error", (error) => state.failures.push(error));
    };
    state.readNow = readAll;
    if (read === "at once") readAll();
    else arrived();
  });
  const watch = watchUploads(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    watch.stop();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const upload = send({ port, host: "127.0.0.1", method: "POST", headers: { "content-length": 10_000 } });
  const answered = answerOf(upload);
  /** Sends so many bytes, and waits until the server has them. */
  const bring = async (bytes: number) => {
    const until = state.bytes + bytes;
    upload.write(Buffer.alloc(bytes));
    while (state.bytes < until) await new Promise<void>((resolve) => (arrived = resolve));
  };
  return {
    state,
    upload,
    bring,
    answered,
    look: watch.look,
    arrival: () => new Promise<void>((resolve) => (arrived = resolve)),
  };
}

async function answerOf(upload: ClientRequest): Promise<{ status: number; body: string }> {
  const [response] = (await once(upload, "response")) as [IncomingMessage];
  let body = "";
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode ?? 0, body };
}

test("[E16.7] an upload that goes on slowly: coming → coming → … → whole, however many periods end", async () => {
  const { bring, answered, look, upload } = await watched();
  for (let period = 0; period < 9; period++) {
    await bring(1_100);
    look();
  }
  upload.end(Buffer.alloc(100));
  expect(await answered).toEqual({ status: 200, body: "whole" });
});

test.each([
  ["nothing", 0],
  ["a byte now and then", 1],
])("[E16.7] an upload that brings %s: coming → silent → ended", async (_name, bytes) => {
  const { bring, answered, look, upload } = await watched();
  upload.on("error", () => {});
  await bring(2_000);
  // The first look is the beginning of its first whole period.
  look();
  if (bytes > 0) await bring(bytes);
  look();
  expect(await answered).toMatchObject({ status: 408 });
});

test("[E16.7] one that began just before a period's end is not ended by it", async () => {
  const { bring, answered, look, upload } = await watched();
  await bring(1);
  look();
  await bring(2_000);
  look();
  upload.end(Buffer.alloc(7_999));
  expect(await answered).toEqual({ status: 200, body: "whole" });
});

test("[E16.7] one that the server itself does not read is not silent", async () => {
  const { state, answered, look, upload, arrival } = await watched("when told");
  upload.write(Buffer.alloc(5_000));
  await arrival();
  for (let period = 0; period < 5; period++) look();
  state.readNow();
  upload.end(Buffer.alloc(5_000));
  expect(await answered).toEqual({ status: 200, body: "whole" });
});

test.each(["/api/mutation", "upload URL"])(
  "[E16.7] the backend, by its %s: 408 for a body that stops coming, and nothing of it in the log",
  async (path) => {
    vi.useFakeTimers({ toFake: ["setInterval"] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const lines: string[] = [];
    const { url, engine } = await serve({ log: createLog("warn", (_level, line) => lines.push(line)) });
    const address =
      path === "upload URL" ? await engine.transact((tx) => generateUploadUrl(tx, "", url)) : url + path;
    const upload = send(address, { method: "POST", headers: { "content-length": 10_000 } });
    upload.on("error", () => {});
    const answered = answerOf(upload);
    await new Promise<void>((resolve) => upload.write("{", () => resolve()));
    const over = { answered: false };
    void answered.then(() => (over.answered = true));
    // Looked at until it has arrived, and then for two periods more.
    while (!over.answered) {
      vi.advanceTimersByTime(30_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await answered).status).toBe(408);
    expect(lines).toEqual([]);
  },
);
