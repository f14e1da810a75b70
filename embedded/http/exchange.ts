import type { IncomingMessage, ServerResponse } from "node:http";
import type { ClientLimits } from "../clientLimits.ts";
import type { Holding, MemoryAccount } from "../memoryAccount.ts";
import type { Pacer } from "../pacer.ts";
import { payerOf } from "../functions/client.ts";
import type { Client } from "../functions/client.ts";
import type { Identity } from "../functions/types.ts";
import { addressGroup } from "./clientAddress.ts";
import type { AddressOf } from "./clientAddress.ts";
import { toldAddress } from "./localCaller.ts";
import { busy } from "./respond.ts";

/** Bytes of a head that are not counted: more than a person's browser sends with its token. */
const UNCOUNTED_HEAD_BYTES = 6 * 1024;

/** A head is there as it came and by name. */
const HEAD_COPIES = 2;

/** One request, and what it holds of the server until its response has gone. */
export type Exchange = {
  readonly request: IncomingMessage;
  readonly address: string;
  /** The memory of its head, its body and its response. */
  readonly buffers: Holding;
  /** What its head takes of that. */
  readonly headBytes: number;
  readonly limits: ClientLimits;
  readonly pacer: Pacer;
  /** Whose share of the server it comes out of. */
  payer: string;
};

export type ExchangeParts = {
  account: MemoryAccount;
  pacer: Pacer;
  addressOf: AddressOf;
  limits: ClientLimits;
};

/** Begins an exchange with somebody who is nobody as yet. It ends with its response. Throws an `HttpError` where there is no memory for its head. */
export function openExchange(
  request: IncomingMessage,
  response: ServerResponse,
  { account, pacer, addressOf, limits }: ExchangeParts,
): Exchange {
  const address = addressOf(request);
  const payer = payerOf(null, addressGroup(address));
  const buffers = account.open(payer, true);
  response.once("close", () => buffers.close());
  const headBytes = bytesOfHead(request);
  if (!buffers.resize(headBytes)) throw busy();
  return { request, address, buffers, headBytes, limits, pacer, payer };
}

/** What Node keeps of a head while its request lasts, if it is larger than a browser's. */
function bytesOfHead({ rawHeaders }: IncomingMessage): number {
  let length = 0;
  for (const text of rawHeaders) length += text.length;
  return length <= UNCOUNTED_HEAD_BYTES ? 0 : HEAD_COPIES * length;
}

/** Who sends a request, once their token is known to be good, or to be none. */
export function clientOf(exchange: Exchange, identity: Identity | null, authToken: string | null): Client {
  const { request, address, buffers } = exchange;
  const payer = payerOf(identity, addressGroup(address));
  exchange.payer = payer;
  buffers.moveTo(payer, identity === null);
  const ip = toldAddress(request, address);
  return { ip, userAgent: request.headers["user-agent"] ?? null, authToken, payer };
}
