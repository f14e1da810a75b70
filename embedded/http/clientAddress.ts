import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/** A setting that names no address, and no range of addresses. */
export class AddressError extends Error {
  override name = "StartError";
}

/** The address of the client that sent a request; `""` where its socket is gone already. */
export type AddressOf = (request: IncomingMessage) => string;

/**
 * Whoever connects is the client, unless they are a proxy of `trustedProxies` (addresses, or ranges as `10.0.0.0/8`). Then it is who
 * the proxy names in `X-Forwarded-For`, whose last entry is its own; the ones before it may be of proxies that are trusted too.
 * Anybody else may write what they like into that header, so it is not read. Throws an `AddressError` for what is no address.
 */
export function createAddressOf(trustedProxies: readonly string[]): AddressOf {
  if (trustedProxies.length === 0) return addressOfSocket;
  const isTrusted = isAmong(trustedProxies);
  return (request) => {
    let address = addressOfSocket(request);
    const forwarded = [request.headers["x-forwarded-for"] ?? ""].flat().join(",").split(",");
    while (isTrusted(address)) {
      const before = withoutPort(forwarded.pop()?.trim() ?? "");
      if (isIP(before) === 0) break;
      address = before;
    }
    return address;
  };
}

/** Is an address one of these, which are addresses or ranges? Throws an `AddressError` for what is no address. */
export function isAmong(addresses: readonly string[]): (address: string) => boolean {
  const list = listOf(addresses);
  return (address) => {
    const plain = withoutMapping(address);
    return addresses.length > 0 && isIP(plain) !== 0 && list.check(plain, familyOf(plain));
  };
}

/**
 * Who counts as one by address: an address of IPv4; of IPv6 the network of 64 bits, of which one household or one server has all
 * addresses.
 */
export function addressGroup(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail = ""] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === "" ? [] : tail.split(":");
  const zeros = address.includes("::") ? new Array<string>(8 - before.length - after.length).fill("0") : [];
  return `${[...before, ...zeros, ...after].slice(0, 4).join(":")}::/64`;
}

function addressOfSocket({ socket }: IncomingMessage): string {
  return withoutMapping(socket.remoteAddress ?? "");
}

/** A server that listens to both families sees addresses of IPv4 as ones of IPv6. */
const withoutMapping = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, "");

/** Some proxies write ports too: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function withoutPort(entry: string): string {
  const [, inBrackets, beforePort] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(entry) ?? [];
  return withoutMapping(inBrackets ?? beforePort ?? entry);
}

const familyOf = (address: string): "ipv4" | "ipv6" => (isIP(address) === 6 ? "ipv6" : "ipv4");

function listOf(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", bits] = entry.split("/");
    const most = isIP(address) === 6 ? 128 : 32;
    if (isIP(address) === 0 || (bits !== undefined && !(/^\d+$/.test(bits) && Number(bits) <= most))) {
      throw new AddressError(
        `"${entry}" is not the address of a proxy. Write it as 10.0.0.1, or a range as 10.0.0.0/8`,
      );
    }
    if (bits === undefined) list.addAddress(address, familyOf(address));
    else list.addSubnet(address, Number(bits), familyOf(address));
  }
  return list;
}
