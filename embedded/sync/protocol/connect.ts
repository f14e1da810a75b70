import { invalidJson, optionalString, stringField, unsignedField } from "./decode.ts";
import type { JsonObject } from "./decode.ts";
import { decodeTimestamp } from "./timestamp.ts";

/** The first message of a connection. */
export type Connect = {
  type: "Connect";
  /** Made by the page when it loads, and the same on each of its connections. */
  sessionId: string;
  connectionCount: number;
  lastCloseReason: string | null;
  /** The newest timestamp of which the client has seen results, on whichever connection. */
  maxObservedTimestamp: bigint | null;
  /** The client's clock, milliseconds since the epoch. */
  clientTs: number | null;
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function decodeConnect(message: JsonObject): Connect {
  const sessionId = stringField(message, "sessionId");
  if (!UUID.test(sessionId)) throw invalidJson("`sessionId` must be a UUID");
  const observed = optionalString(message, "maxObservedTimestamp");
  const { clientTs } = message;
  return {
    type: "Connect",
    sessionId: sessionId.toLowerCase(),
    connectionCount: unsignedField(message, "connectionCount"),
    lastCloseReason: optionalString(message, "lastCloseReason"),
    maxObservedTimestamp: observed === null ? null : decodeTimestamp(observed),
    clientTs: typeof clientTs === "number" ? clientTs : null,
  };
}
