import type { IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import { addressGroup, createAddressOf } from "../../../embedded/http/clientAddress.ts";

const from = (remoteAddress: string, forwarded?: string): IncomingMessage =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
  }) as unknown as IncomingMessage;

describe("[E16.10] whose address a request's is", () => {
  test("whoever connects, whatever the header says, unless they are a trusted proxy", () => {
    expect(createAddressOf([])(from("203.0.113.5", "198.51.100.1"))).toBe("203.0.113.5");
    const addressOf = createAddressOf(["10.0.0.0/8", "::1"]);
    expect(addressOf(from("203.0.113.5", "198.51.100.1"))).toBe("203.0.113.5");
    expect(addressOf(from("10.1.2.3", "198.51.100.1"))).toBe("198.51.100.1");
    expect(addressOf(from("::1", "198.51.100.1"))).toBe("198.51.100.1");
    expect(addressOf(from("::ffff:10.1.2.3", "198.51.100.1"))).toBe("198.51.100.1");
  });

  test("behind trusted proxies the last one that is not, and not what that one claims", () => {
    const addressOf = createAddressOf(["10.0.0.0/8"]);
    expect(addressOf(from("10.0.0.1", "192.0.2.66, 198.51.100.1, 10.0.0.2"))).toBe("198.51.100.1");
    expect(addressOf(from("10.0.0.1", "192.0.2.66, [2001:db8::1]:4711"))).toBe("2001:db8::1");
    expect(addressOf(from("10.0.0.1", "198.51.100.1:4711"))).toBe("198.51.100.1");
    expect(addressOf(from("10.0.0.1", "no address"))).toBe("10.0.0.1");
    expect(addressOf(from("10.0.0.1"))).toBe("10.0.0.1");
  });

  test("what is no address is refused by name", () => {
    for (const entry of ["proxy.example.org", "10.0.0.0/33", "10.0.0.0/x", ""])
      expect(() => createAddressOf([entry])).toThrow(`"${entry}" is not the address of a proxy`);
  });

  test("an address of IPv6 counts as its network of 64 bits", () => {
    expect(addressGroup("203.0.113.5")).toBe("203.0.113.5");
    expect(addressGroup("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
    expect(addressGroup("2001:db8:1:2::6")).toBe("2001:db8:1:2::/64");
    expect(addressGroup("2001:db8::6")).toBe("2001:db8:0:0::/64");
    expect(addressGroup("::1")).toBe("0:0:0:0::/64");
  });
});
