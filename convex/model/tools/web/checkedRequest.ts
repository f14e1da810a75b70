"use node";

import { lookup as dnsLookup, type LookupAddress } from "node:dns";
import http from "node:http";
import https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { isPublicAddress } from "./publicAddress";

/**
 * A request to an address that somebody else names: only the public internet is reached. Each name is resolved once, all its addresses are
 * checked, and the connection goes to those very addresses, so that a name which changes between check and use changes nothing. Redirects
 * are the caller's to follow, each through here. Connections are not shared, so that none is used that somebody else has opened.
 */

/** For tests, which have no public internet: how names are resolved, and which addresses are public. */
export type Network = {
  resolve(hostname: string): Promise<LookupAddress[]>;
  isPublic(address: string): boolean;
};

export const INTERNET: Network = {
  resolve: (hostname) =>
    new Promise((resolve, reject) => {
      dnsLookup(hostname, { all: true, verbatim: true }, (error, addresses) => {
        if (error) reject(error);
        else resolve(addresses);
      });
    }),
  isPublic: isPublicAddress,
};

const NOT_PUBLIC = "This address is not on the public internet, and is not read.";

/** The addresses of a name, if all of them are public. */
async function publicAddresses(hostname: string, network: Network): Promise<LookupAddress[]> {
  const family = isIP(hostname);
  const addresses = family === 0 ? await network.resolve(hostname) : [{ address: hostname, family }];
  if (addresses.length === 0) throw new Error("There is no such host.");
  // One that is not public is enough: such a name is made to lead astray.
  if (!addresses.every(({ address }) => network.isPublic(address))) throw new Error(NOT_PUBLIC);
  return addresses;
}

/** Resolves when the response's head has come. Rejects with an Error in words for an address that is not public, and as `node:http` does. */
export async function checkedRequest(
  url: URL,
  options: {
    method?: string;
    headers: Record<string, string>;
    body?: string;
    signal: AbortSignal;
    network: Network;
  },
): Promise<http.IncomingMessage> {
  const { method = "GET", headers, body, signal, network } = options;
  const hostname = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const addresses = await publicAddresses(hostname, network);
  signal.throwIfAborted();
  const [first] = addresses;
  // Node asks for one address or for all, depending on its version and options.
  const lookup: LookupFunction = (_hostname, { all }, callback) => {
    if (all) callback(null, addresses);
    else callback(null, first?.address ?? "", first?.family);
  };
  const { request } = url.protocol === "https:" ? https : http;
  return await new Promise((resolve, reject) => {
    const sent = request(url, {
      ...{ method, lookup, signal, agent: false },
      headers: { ...headers, Connection: "close" },
    });
    sent.on("response", resolve);
    sent.on("error", reject);
    sent.end(body);
  });
}
