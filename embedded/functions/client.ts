import type { Identity } from "./types.ts";

/**
 * The client that a call serves, by itself or by an action that it has called. Made once for each connection or request, and again when
 * its token changes. What the server has begun itself serves none.
 */
export type Client = {
  /** Its address, behind trusted proxies (`http/clientAddress.ts`); of loopback for a person at this machine alone (`http/localCaller.ts`). */
  ip: string | null;
  userAgent: string | null;
  /** The token that said who it is, or `null`: an administrator's key is none. */
  authToken: string | null;
  /**
   * Whose share its work comes out of (`engine/line.ts`, `actions/places.ts`, `memoryAccount.ts`): the person's, or for nobody the
   * address's.
   */
  payer: string;
};

/** The payer of what the server itself has begun. */
export const SERVER = "";

const NOBODY = "address ";

/** `addressGroup`: whom an address counts as. */
export function payerOf(identity: Identity | null, addressGroup: string): string {
  return identity === null ? `${NOBODY}${addressGroup}` : `person ${identity.tokenIdentifier}`;
}

/** Is the payer an address, for those who have not signed in there? */
export const isNobody = (payer: string): boolean => payer.startsWith(NOBODY);

/** Why work that its client no longer waits for is not done. One for all: thousands may leave at once, and its stack says nothing. */
export const CLIENT_LEFT = new Error("The client has left");
