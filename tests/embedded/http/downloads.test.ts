import type { ServerResponse } from "node:http";
import { PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import type { FileHttp } from "../../../embedded/files/fileHttp.ts";
import type { Exchange } from "../../../embedded/http/exchange.ts";
import { createStorageApi } from "../../../embedded/http/storageApi.ts";
import { MemoryAccount } from "../../../embedded/memoryAccount.ts";

const CHUNK_BYTES = 32 * 1024;

test("[E16.12] a download comes out of its address's share: after each chunk it waits for as long as that is used up", async () => {
  const steps: string[] = [];
  async function* chunks() {
    for (let i = 0; i < 3; i++) {
      steps.push(`read ${i}`);
      yield await Promise.resolve(new Uint8Array(CHUNK_BYTES));
    }
  }
  const files = {
    download: () => Promise.resolve({ status: 200, headers: new Headers(), body: chunks() }),
  } as unknown as FileHttp;
  const exchange = {
    request: { method: "GET", url: "/api/storage/x", headers: {} },
    ...{ buffers: new MemoryAccount(1024 * 1024).open("address a", true), headBytes: 0, payer: "address a" },
    pacer: {
      charge: (payer: string, ms: number) => steps.push(`${payer}: ${ms > 0.01 && ms < 1}`),
      rest: (payer: string) => {
        steps.push(`${payer} waits`);
        return Promise.resolve();
      },
    },
  } as unknown as Exchange;
  const response = Object.assign(new PassThrough(), { writeHead: () => {} });
  const [body] = await Promise.all([
    buffer(response),
    createStorageApi(files, "http://127.0.0.1")(
      exchange,
      response as unknown as ServerResponse,
      new URL("http://127.0.0.1/api/storage/x"),
    ),
  ]);
  expect(body.byteLength).toBe(3 * CHUNK_BYTES);
  expect(steps).toEqual([0, 1, 2].flatMap((i) => [`read ${i}`, "address a: true", "address a waits"]));
});
