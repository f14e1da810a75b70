import { decodeJwt } from "jose";
import { AuthenticationError } from "./types.ts";

/** Seconds since the epoch of the last time that Convex can tell. */
const LAST_TIME_S = 8_210_266_876_799;

/** What a token says, before anything of it is verified. */
export type TokenClaims = {
  issuer: string;
  audiences: readonly string[];
  subject: string | null;
  /** Seconds since the epoch, rounded. */
  times: { exp: number | null; nbf: number | null; iat: number | null };
  all: Readonly<Record<string, unknown>>;
};

/**
 * Throws an `AuthenticationError` for what is no JWT, and for registered claims of a wrong type. (`RegisteredClaims` in
 * `src/lib.rs` of Convex's fork of the `biscuit` crate.)
 */
export function readUnverified(token: string): TokenClaims {
  const all = payloadOf(token);
  const { iss, sub, jti, aud } = all;
  if (![iss, sub, jti].every(isText) || !(isText(aud) || (Array.isArray(aud) && aud.every(isString))))
    throw unreadable();
  const times = { exp: timeOf(all["exp"]), nbf: timeOf(all["nbf"]), iat: timeOf(all["iat"]) };
  if (typeof iss !== "string") {
    throw new AuthenticationError(
      "InvalidAuthHeader",
      "Missing issuer claim ('iss') in JWT payload. The JWT must include an 'iss' claim that matches one of your " +
        "configured auth providers.",
    );
  }
  const audiences = [aud ?? []].flat() as string[];
  return { issuer: iss, audiences, subject: isString(sub) ? sub : null, times, all };
}

function payloadOf(token: string): Record<string, unknown> {
  try {
    return decodeJwt(token);
  } catch {
    throw unreadable();
  }
}

function timeOf(claim: unknown): number | null {
  if (isAbsent(claim)) return null;
  if (typeof claim !== "number" || claim < 0 || claim > LAST_TIME_S) throw unreadable();
  return Math.round(claim);
}

const isString = (value: unknown): value is string => typeof value === "string";
const isText = (value: unknown): boolean => isAbsent(value) || isString(value);

/** `null` in JSON says as much as nothing. */
export const isAbsent = (value: unknown): value is null | undefined => value === null || value === undefined;

const unreadable = (): AuthenticationError =>
  new AuthenticationError(
    "InvalidAuthHeader",
    "Could not parse JWT payload. Check that the token is a valid JWT format with three base64-encoded parts " +
      "separated by dots.",
  );
