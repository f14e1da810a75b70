import type { JWTPayload } from "jose";
import type { JSONValue } from "convex/values";
import type { Identity } from "../functions/types.ts";

/** OpenID Connect's standard claims, and the names that `ctx.auth.getUserIdentity()` gives them. */
const STANDARD_CLAIMS: Readonly<Record<string, string>> = {
  name: "name",
  given_name: "givenName",
  family_name: "familyName",
  nickname: "nickname",
  preferred_username: "preferredUsername",
  profile: "profileUrl",
  picture: "pictureUrl",
  website: "websiteUrl",
  email: "email",
  email_verified: "emailVerified",
  gender: "gender",
  birthdate: "birthday",
  zoneinfo: "timezone",
  locale: "language",
  phone_number: "phoneNumber",
  phone_number_verified: "phoneNumberVerified",
};

/** Claims about the token, and one of Clerk's that grows with time. They would make each refreshed token another identity. */
const REGISTERED_CLAIMS = ["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "fva"];
/** Left out of custom JWTs: `from_custom_jwt` in convex-backend's `crates/keybroker/src/broker.rs`. */
const CUSTOM_JWT_CLAIMS = new Set(REGISTERED_CLAIMS);
/** Left out of id tokens, whose standard knows more of them: `from_token`, ibid. */
const ID_TOKEN_CLAIMS = new Set([
  ...REGISTERED_CLAIMS,
  ...["nonce", "auth_time", "acr", "amr", "azp", "at_hash", "c_hash"],
]);

/** The identity of an OpenID Connect token. */
export function identityFromIdToken(payload: JWTPayload & { iss: string; sub: string }): Identity {
  const identity: Record<string, JSONValue> = {};
  for (const [claim, value] of Object.entries(payload) as [string, JSONValue][]) {
    if (ID_TOKEN_CLAIMS.has(claim) || claim === "address" || claim === "updated_at") continue;
    identity[STANDARD_CLAIMS[claim] ?? claim] = value;
  }
  const address = payload["address"] as { formatted?: string } | undefined;
  if (typeof address?.formatted === "string") identity["address"] = address.formatted;
  if (typeof payload["updated_at"] === "number") {
    identity["updatedAt"] = new Date(payload["updated_at"] * 1000).toISOString();
  }
  return withIdentifiers(identity, payload);
}

/** The identity of a custom JWT: its own claims by their own names, nested ones by dotted paths. */
export function identityFromCustomJwt(payload: JWTPayload & { iss: string; sub: string }): Identity {
  const identity: Record<string, JSONValue> = {};
  const flatten = (claims: Record<string, unknown>, prefix: string): void => {
    for (const [claim, value] of Object.entries(claims)) {
      if (value !== null && typeof value === "object" && !Array.isArray(value)) {
        flatten(value as Record<string, unknown>, `${prefix}${claim}.`);
      } else if (prefix !== "" || !CUSTOM_JWT_CLAIMS.has(claim)) {
        identity[`${prefix}${claim}`] = value as JSONValue;
      }
    }
  };
  flatten(payload, "");
  return withIdentifiers(identity, payload);
}

function withIdentifiers(
  claims: Record<string, JSONValue>,
  { iss, sub }: { iss: string; sub: string },
): Identity {
  return { ...claims, tokenIdentifier: `${iss}|${sub}`, issuer: iss, subject: sub };
}
