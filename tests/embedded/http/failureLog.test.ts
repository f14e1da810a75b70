import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { DEFAULT_CLIENT_LIMITS } from "../../../embedded/clientLimits.ts";
import { createHttpServer } from "../../../embedded/http/httpServer.ts";
import { RequestPace } from "../../../embedded/http/requestPace.ts";
import { createLog } from "../../../embedded/log.ts";
import { Pacer } from "../../../embedded/pacer.ts";

test("[E16.4] a request that fails in the backend is logged by its path, without the token to upload with", async () => {
  const lines: string[] = [];
  const log = createLog("info", (_level, line) => lines.push(line));
  const pace = new RequestPace(new Pacer(), () => "127.0.0.1");
  const parts = { log, limits: DEFAULT_CLIENT_LIMITS, isProxy: () => false, pace };
  const server = createHttpServer(() => Promise.reject(new Error("no disk")), parts).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/storage/upload?token=a-secret`;
  expect((await fetch(url, { method: "POST", body: "x" })).status).toBe(500);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("POST /api/storage/upload failed in the backend itself: Error: no disk");
  expect(lines[0]).not.toContain("a-secret");
});
