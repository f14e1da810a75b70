import type { JSONValue } from "convex/values";
import type { Identity } from "../functions/types.ts";

/** Fields of a `UserIdentity` that have a type. All others are the caller's own. */
const TEXTS = [
  ...["tokenIdentifier", "issuer", "subject", "name", "givenName", "familyName", "nickname"],
  ...["preferredUsername", "profileUrl", "pictureUrl", "websiteUrl", "email", "gender", "birthday"],
  ...["timezone", "language", "phoneNumber", "address", "updatedAt"],
];
const FLAGS = ["emailVerified", "phoneNumberVerified"];

/**
 * Whom an administrator acts as, by what the call says of them: at least who they are, by `tokenIdentifier` or by `issuer` and
 * `subject`. Throws an `Error` that says what is wrong. (`TryFrom<JsonValue> for UserIdentityAttributes` in convex-backend's
 * `crates/convex/sync_types/src/types/json.rs`)
 */
export function readActingAs(attributes: JSONValue): Identity {
  if (attributes === null || typeof attributes !== "object" || Array.isArray(attributes)) {
    throw new Error("invalid type: expected an object with the attributes of a user");
  }
  const isTyped = (name: string): boolean => TEXTS.includes(name) || FLAGS.includes(name);
  const present = Object.entries(attributes).filter(([name, value]) => value !== null || !isTyped(name));
  for (const [name, value] of present) {
    if (TEXTS.includes(name) && typeof value !== "string") throw wrongType(name, "a string");
    if (FLAGS.includes(name) && typeof value !== "boolean") throw wrongType(name, "a boolean");
  }
  const identity = Object.fromEntries(present) as Record<string, JSONValue>;
  const { tokenIdentifier, issuer, subject } = identity;
  if (typeof tokenIdentifier === "string") return { ...identity, tokenIdentifier };
  if (typeof issuer !== "string" || typeof subject !== "string") {
    throw new Error('Either "tokenIdentifier" or "issuer" and "subject" must be set');
  }
  return { ...identity, tokenIdentifier: `${issuer}|${subject}` };
}

const wrongType = (name: string, expected: string): Error =>
  new Error(`invalid type: expected ${expected} as \`${name}\``);
