import { readStored, writeStored } from "../lib/storage.ts";

/**
 * Whose this browser's last session was. One of an account that has ended is not followed by a guest's of its own accord, also where guests are let
 * in: the person would find somebody else's empty list, and what they send next would be lost to them. [G14]
 */
export type SessionOwner = "guest" | "account";

const KEY = "verbatim:last-session";

/** Null where nobody has come in yet, and for sessions of earlier versions. */
export function lastSession(): SessionOwner | null {
  const stored = readStored(KEY);
  return stored === "guest" || stored === "account" ? stored : null;
}

/** To be called once somebody has come in as one or the other. */
export function noteSession(owner: SessionOwner): void {
  writeStored(KEY, owner);
}
