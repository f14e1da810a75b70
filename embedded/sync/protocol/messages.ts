import type { JSONValue } from "convex/values";
import { decodeAuthenticate } from "./authenticate.ts";
import type { AuthError, Authenticate } from "./authenticate.ts";
import { decodeConnect } from "./connect.ts";
import type { Connect } from "./connect.ts";
import { isTooDeep } from "../../values/tooDeep.ts";
import { asObject, invalidJson, stringField } from "./decode.ts";
import {
  decodeAction,
  decodeMutation,
  encodeActionResponse,
  encodeMutationResponse,
} from "./functionCalls.ts";
import type { ActionRequest, ActionResponse, MutationRequest, MutationResponse } from "./functionCalls.ts";
import { decodeModifyQuerySet } from "./querySet.ts";
import type { ModifyQuerySet } from "./querySet.ts";

/** What clients send. */
export type ClientMessage =
  | Connect
  | Authenticate
  | ModifyQuerySet
  | MutationRequest
  | ActionRequest
  /** The client's own measurements. */
  | { type: "Event"; eventType: string };

/** What clients are sent, besides transitions (`transition.ts`). */
export type ServerMessage =
  | MutationResponse
  | ActionResponse
  | AuthError
  /** The client is at fault and will not connect again. */
  | { type: "FatalError"; error: string }
  /** Resets the client's timer of silence. */
  | { type: "Ping" };

/** Throws a `ProtocolError` in Convex's words for anything but a message of the protocol. */
export function decodeClientMessage(text: string): ClientMessage {
  if (isTooDeep(text)) throw invalidJson("it is nested too deep");
  let value: JSONValue;
  try {
    value = JSON.parse(text) as JSONValue;
  } catch (error) {
    throw invalidJson(error instanceof Error ? error.message : String(error));
  }
  const message = asObject(value, "a message");
  const type = stringField(message, "type");
  switch (type) {
    case "Connect":
      return decodeConnect(message);
    case "Authenticate":
      return decodeAuthenticate(message);
    case "ModifyQuerySet":
      return decodeModifyQuerySet(message);
    case "Mutation":
      return decodeMutation(message);
    case "Action":
      return decodeAction(message);
    case "Event":
      return { type, eventType: stringField(message, "eventType") };
    default:
      throw invalidJson(
        `unknown variant \`${type}\`, expected one of \`Connect\`, \`ModifyQuerySet\`, \`Mutation\`, \`Action\`, ` +
          "`Authenticate`, `Event`",
      );
  }
}

export function encodeServerMessage(message: ServerMessage): string {
  switch (message.type) {
    case "MutationResponse":
      return encodeMutationResponse(message);
    case "ActionResponse":
      return encodeActionResponse(message);
    case "AuthError":
    case "FatalError":
    case "Ping":
      return JSON.stringify(message);
    default:
      return message satisfies never;
  }
}
