import type { JSONValue } from "convex/values";
import { MAX_PATH_LENGTH } from "../../functions/references.ts";
import { malformedReason } from "../../values/malformed.ts";

/** A frame that is not a message of the protocol. The text says what is wrong with it. */
export class ProtocolError extends Error {
  override name = "ProtocolError";
}

export type JsonObject = { readonly [field: string]: JSONValue | undefined };

/** Convex's words for a frame it cannot read. */
export function invalidJson(reason: string): ProtocolError {
  return new ProtocolError(`Received Invalid JSON on websocket: ${reason}`);
}

export function asObject(value: JSONValue | undefined, what: string): JsonObject {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw invalidJson(`${what} must be an object`);
  }
  return value;
}

export function stringField(object: JsonObject, name: string): string {
  const value = object[name];
  if (typeof value !== "string") throw invalidJson(`missing or invalid field \`${name}\`: expected a string`);
  return value;
}

export function optionalString(object: JsonObject, name: string): string | null {
  return object[name] === undefined || object[name] === null ? null : stringField(object, name);
}

/** The name of a function. */
export function pathField(object: JsonObject): string {
  const path = stringField(object, "udfPath");
  if (path.length > MAX_PATH_LENGTH) throw invalidJson("`udfPath` is too long to name a function");
  return path;
}

/** The arguments of a function: a list with one object. */
export function argsField(object: JsonObject): readonly JSONValue[] {
  const args = arrayField(object, "args");
  const malformed = malformedReason(args as JSONValue[]);
  if (malformed !== null) throw invalidJson(malformed);
  return args;
}

/** Versions and ids are unsigned 32-bit integers in the protocol. */
export function unsignedField(object: JsonObject, name: string): number {
  const value = object[name];
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw invalidJson(`missing or invalid field \`${name}\`: expected u32`);
  }
  return value;
}

export function arrayField(object: JsonObject, name: string): readonly JSONValue[] {
  const value = object[name];
  if (!Array.isArray(value)) throw invalidJson(`missing or invalid field \`${name}\`: expected an array`);
  return value;
}
