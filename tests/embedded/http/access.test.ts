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
  test("an entry that is no origin is refused at the start", () => {
    expect(() => createAccess({ host, allowedOrigins: ["chat.example.org"] })).toThrow(
      "https://chat.example.org",
    );
  });
});
