import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { createAccess } from "../../../embedded/http/access.ts";

const request = (headers: Record<string, string>): IncomingMessage =>
  Object.assign(new IncomingMessage(new Socket()), { headers });
const access = createAccess({ host: "127.0.0.1", allowedOrigins: ["https://chat.example.org"] });

describe("[E16.2] names that are answered to", () => {
  test.each([
    "127.0.0.1:3210",
    "localhost:3210",
    "[::1]:3210",
    "app.localhost",
    "192.168.1.5:3210",
    "chat.example.org",
  ])("%s", (host) => expect(access.refuseHost(request({ host }))).toBeNull());
  test.each(["evil.example", "127.0.0.1.evil.example:3210", "localhost.evil.example", ""])(
    "not %s",
    (host) => {
      expect(access.refuseHost(request({ host }))).toContain("allowed origins");
    },
  );
});

describe("[E16.3] pages that may use the API", () => {
  const host = "127.0.0.1:3210";
  test.each([
    ["no page", {}],
    ["its own", { origin: "http://127.0.0.1:3210" }],
    ["its own behind TLS", { origin: "https://127.0.0.1:3210" }],
    ["its own by another loopback name", { origin: "http://localhost:3210" }],
    ["a listed one", { origin: "https://chat.example.org" }],
  ])("%s", (_title, headers) => {
    expect(access.refuseOrigin(request({ host, ...headers }))).toBeNull();
  });
  test.each([
    ["a foreign page", "https://evil.example"],
    ["another program on this machine", "http://127.0.0.1:5173"],
    ["a page without an origin", "null"],
    ["a listed one with another scheme", "http://chat.example.org"],
  ])("not %s", (_title, origin) => {
    expect(access.refuseOrigin(request({ host, origin }))).toContain("may not use this backend");
  });
  // Convex answers pages of any origin: `cors` in convex-backend's crates/local_backend/src/router.rs.
  test("[E16.8] pages of this machine, and of any origin, where that is wanted", () => {
    const local = createAccess({ host: "127.0.0.1", allowedOrigins: [], allowLocalPages: true });
    for (const origin of ["http://127.0.0.1:5173", "http://localhost:8081", "https://app.localhost"]) {
      expect(local.refuseOrigin(request({ host, origin }))).toBeNull();
    }
    for (const origin of ["https://evil.example", "http://localhost.evil.example", "null"]) {
      expect(local.refuseOrigin(request({ host, origin }))).not.toBeNull();
    }
    const any = createAccess({ host: "127.0.0.1", allowedOrigins: ["*"] });
    expect(any.refuseOrigin(request({ host, origin: "https://evil.example" }))).toBeNull();
    expect(any.refuseHost(request({ host: "evil.example" }))).not.toBeNull();
  });
  test("[E16.8] each refusal is told once, and only so many", () => {
    const reasons: string[] = [];
    const told = createAccess({
      host: "127.0.0.1",
      allowedOrigins: [],
      onRefused: (reason) => reasons.push(reason),
    });
    for (let i = 0; i < 3; i++) told.refuseOrigin(request({ host, origin: "https://a.example" }));
    told.refuseHost(request({ host: "b.example" }));
    told.refuseHost(request({ host: "b.example" }));
    expect(reasons).toEqual([
      expect.stringContaining("Pages of https://a.example may not use this backend."),
      expect.stringContaining('does not answer to the name "b.example"'),
    ]);
    for (let i = 0; i < 10_000; i++) told.refuseOrigin(request({ host, origin: `https://${i}.example` }));
    expect(reasons).toHaveLength(256);
  });
  test("an entry that is no origin is refused at the start", () => {
    expect(() => createAccess({ host, allowedOrigins: ["chat.example.org"] })).toThrow(
      "https://chat.example.org",
    );
  });
});
