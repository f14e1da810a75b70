import type { JSONValue } from "convex/values";
import { readActingAs } from "../../auth/actingAs.ts";
import type { Identity } from "../../functions/types.ts";
import { invalidJson, stringField, unsignedField } from "./decode.ts";
import type { JsonObject } from "./decode.ts";

export type Authenticate = { type: "Authenticate"; baseVersion: number } & AuthenticationToken;

export type AuthenticationToken =
  | { tokenType: "None" }
  | { tokenType: "User"; value: string }
  | {
      tokenType: "Admin";
      value: string;
      /** As whom the administrator acts. Clients send `impersonating`, the protocol's documentation says `actingAs`. */
      actingAs: Identity | null;
    };

export function decodeAuthenticate(message: JsonObject): Authenticate {
  return {
    type: "Authenticate",
    baseVersion: unsignedField(message, "baseVersion"),
    ...decodeToken(message),
  };
}

function decodeToken(message: JsonObject): AuthenticationToken {
  const tokenType = stringField(message, "tokenType");
  switch (tokenType) {
    case "None":
      return { tokenType };
    case "User":
      return { tokenType, value: stringField(message, "value") };
    case "Admin":
      return {
        tokenType,
        value: stringField(message, "value"),
        actingAs: decodeActingAs(message["impersonating"] ?? message["actingAs"] ?? null),
      };
    default:
      throw invalidJson(`unknown variant \`${tokenType}\`, expected one of \`Admin\`, \`User\`, \`None\``);
  }
}

function decodeActingAs(attributes: JSONValue): Identity | null {
  if (attributes === null) return null;
  try {
    return readActingAs(attributes);
  } catch (error) {
    throw invalidJson((error as Error).message);
  }
}

/** The client's answer is to fetch another token and to connect anew. */
export type AuthError = {
  type: "AuthError";
  error: string;
  /** The identity version that stays in force. */
  baseVersion: number;
  /** Was it a token just sent that failed, rather than one that has expired since? */
  authUpdateAttempted: boolean;
};
