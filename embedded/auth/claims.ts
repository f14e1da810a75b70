import type { JSONValue } from "convex/values";
import type { Identity } from "../functions/types.ts";
import type { TokenClaims } from "./tokenClaims.ts";

type Claim = { name: string; type: "string" | "boolean" };
const text = (name: string): Claim => ({ name, type: "string" });
const flag = (name: string): Claim => ({ name, type: "boolean" });

/** OpenID Connect's standard claims, and the names that `ctx.auth.getUserIdentity()` gives them. */
const STANDARD_CLAIMS: ReadonlyMap<string, Claim> = new Map(
  Object.entries({
    name: text("name"),
    given_name: text("givenName"),
    family_name: text("familyName"),
    nickname: text("nickname"),
    preferred_username: text("preferredUsername"),
    profile: text("profileUrl"),
    picture: text("pictureUrl"),
    website: text("websiteUrl"),
    email: text("email"),
    email_verified: flag("emailVerified"),
    gender: text("gender"),
    birthdate: text("birthday"),
    zoneinfo: text("timezone"),
    locale: text("language"),
    phone_number: text("phoneNumber"),
    phone_number_verified: flag("phoneNumberVerified"),
  }),
);

/** Claims that people may have in several languages, as `name#de`. Convex knows those without a language. */
const IN_LANGUAGES = /^(name|given_name|family_name|middle_name|nickname|profile|picture|website)#/;

/** Claims about the token, and one of Clerk's that grows with time. They would make each refreshed token another identity. */
const REGISTERED_CLAIMS = ["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "fva"];
/** Left out of custom JWTs: `from_custom_jwt` in convex-backend's `crates/keybroker/src/broker.rs`. */
const CUSTOM_JWT_CLAIMS = new Set(REGISTERED_CLAIMS);
/** Left out of id tokens, whose standard knows more of them: `from_token`, ibid. */
const ID_TOKEN_CLAIMS = new Set([
  ...REGISTERED_CLAIMS,
  ...["nonce", "auth_time", "acr", "amr", "azp", "at_hash", "c_hash"],
  // Standard claims that a `UserIdentity` has no field for.
  ...["middle_name", "birthday"],
]);

/** The identity of an OpenID Connect token, or `null` if one of its standard claims has a wrong type. */
export function identityFromIdToken(claims: TokenClaims, subject: string): Identity | null {
  const identity: Record<string, JSONValue> = {};
  for (const [claim, value] of Object.entries(claims.all) as [string, JSONValue][]) {
    if (ID_TOKEN_CLAIMS.has(claim) || IN_LANGUAGES.test(claim)) continue;
    const read = readClaim(claim, value);
    if (read === "wrong") return null;
    if (read !== "none") identity[read.name] = read.value;
  }
  return withIdentifiers(identity, claims.issuer, subject);
}

function readClaim(claim: string, value: JSONValue): { name: string; value: JSONValue } | "none" | "wrong" {
  const standard = STANDARD_CLAIMS.get(claim) ?? null;
  if (standard === null && claim !== "address" && claim !== "updated_at") return { name: claim, value };
  if (value === null) return "none";
  if (standard !== null) return typeof value === standard.type ? { name: standard.name, value } : "wrong";
  if (claim === "address") return readAddress(value);
  const time = readTime(value);
  return time === null ? "wrong" : { name: "updatedAt", value: time };
}

function readAddress(value: JSONValue): { name: string; value: JSONValue } | "none" | "wrong" {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return "wrong";
  const { formatted } = value;
  if (formatted === undefined || formatted === null) return "none";
  return typeof formatted === "string" ? { name: "address", value: formatted } : "wrong";
}

/** Seconds since the epoch or a time by RFC 3339, in the form in which Convex writes it (chrono's `to_rfc3339`). */
function readTime(value: JSONValue): string | null {
  const isTime =
    typeof value === "number" || (typeof value === "string" && /^\d{4}-\d\d-\d\d[Tt ]/.test(value));
  const time = new Date(isTime ? (typeof value === "number" ? value * 1000 : value) : NaN);
  if (Number.isNaN(time.getTime())) return null;
  return time.toISOString().replace(/(?:\.000)?Z$/, "+00:00");
}

/** The identity of a custom JWT: its own claims by their own names, nested ones by dotted paths. */
export function identityFromCustomJwt(token: TokenClaims, subject: string): Identity {
  const identity: Record<string, JSONValue> = {};
  const flatten = (claims: Readonly<Record<string, unknown>>, prefix: string): void => {
    for (const [claim, value] of Object.entries(claims)) {
      if (value !== null && typeof value === "object" && !Array.isArray(value)) {
        flatten(value as Record<string, unknown>, `${prefix}${claim}.`);
      } else if (prefix !== "" || !CUSTOM_JWT_CLAIMS.has(claim)) {
        identity[`${prefix}${claim}`] = value as JSONValue;
      }
    }
  };
  flatten(token.all, "");
  return withIdentifiers(identity, token.issuer, subject);
}

function withIdentifiers(claims: Record<string, JSONValue>, issuer: string, subject: string): Identity {
  return { ...claims, tokenIdentifier: `${issuer}|${subject}`, issuer, subject };
}
