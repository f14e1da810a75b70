/**
 * Takes a value that came from outside and makes it one that may be stored: its special objects are decoded once
 * to see that they are sound, its fields are put in order, and Convex's limits are checked, all in one walk.
 */
import type { JSONValue } from "convex/values";
import { UserError } from "../functions/types.ts";
import { floatOf, floatToJson, type JsonObject } from "./json.ts";
import { MAX_ARRAY_LENGTH, MAX_FIELD_NAME_LENGTH, MAX_NESTING, MAX_OBJECT_FIELDS } from "./limits.ts";

/** `size`: bytes as Convex counts them. `nesting`: 0 for a primitive, 1 for an array of primitives, and so on. */
export type NormalizedValue = { value: JSONValue; size: number; nesting: number };

/** Throws a `UserError` for what Convex would refuse. */
export function normalizeValue(value: JSONValue): NormalizedValue {
  const walk = new Walk();
  const normalized = walk.value(value, 1);
  return { value: normalized, size: walk.size, nesting: walk.nesting };
}

/**
 * Bytes of a value, as Convex counts them. Throws a `UserError` for what Convex would refuse; changes nothing, and so
 * costs less than `normalizeValue`.
 */
export function measureValue(value: JSONValue, depth = 1): number {
  switch (typeof value) {
    case "string":
      return textLength(value) + 2;
    case "number":
      return 9;
    case "boolean":
      return 1;
    default:
      break;
  }
  if (value === null) return 1;
  if (Array.isArray(value)) {
    checkNesting(depth);
    checkArrayLength(value);
    let size = 2;
    for (const element of value) size += measureValue(element, depth + 1);
    return size;
  }
  const names = Object.keys(value);
  if (names.length === 1 && (names[0] as string).startsWith("$")) return normalizeValue(value).size;
  checkNesting(depth);
  checkFieldCount(names);
  let size = 2;
  for (const name of names) {
    checkFieldName(name);
    size += name.length + 1 + measureValue(value[name] as JSONValue, depth + 1);
  }
  return size;
}

/**
 * Does the JSON text (of `JSON.stringify`) hold half a character? Convex cannot read such text
 * (`deserialize_udf_result` in its `crates/isolate/src/helpers.rs`).
 */
export function hasLoneSurrogate(json: string): boolean {
  return json.includes("\\ud") && LONE_SURROGATE.test(json);
}

/** `JSON.stringify` writes lone surrogates as escapes, and nothing else of that kind. */
const LONE_SURROGATE = /(?:^|[^\\])(?:\\\\)*\\ud[89a-f]/;

/** Bytes of a value that is already known to be sound. */
export function valueSize(value: JSONValue): number {
  return normalizeValue(value).size;
}

/** Throws a `UserError` if an object may not have a field of this name. */
function checkFieldName(name: string): void {
  if (name.length > MAX_FIELD_NAME_LENGTH) {
    throw new UserError(
      `Field name ${name} exceeds maximum field name length ${MAX_FIELD_NAME_LENGTH}.`,
      "FieldNameError",
    );
  }
  if (name.startsWith("$")) {
    throw new UserError(`Field name ${name} starts with '$', which is reserved.`, "FieldNameError");
  }
  const invalid = /[^\x20-\x7e]/.exec(name);
  if (invalid !== null) {
    throw new UserError(
      `Field name ${name} has invalid character '${invalid[0]}': Field names can only contain non-control ASCII characters`,
      "FieldNameError",
    );
  }
}

function checkNesting(depth: number): void {
  if (depth <= MAX_NESTING) return;
  throw new UserError(
    `Value is too nested (nested ${depth} levels deep > maximum nesting ${MAX_NESTING})`,
    "TooNestedError",
  );
}

function checkArrayLength({ length }: readonly JSONValue[]): void {
  if (length <= MAX_ARRAY_LENGTH) return;
  throw new UserError(
    `Array length is too long (${length} > maximum length ${MAX_ARRAY_LENGTH})`,
    "ArrayTooLong",
  );
}

function checkFieldCount({ length }: readonly string[]): void {
  if (length <= MAX_OBJECT_FIELDS) return;
  throw new UserError(
    `Object has too many fields (${length} > maximum number ${MAX_OBJECT_FIELDS})`,
    "TooManyFieldsError",
  );
}

class Walk {
  size = 0;
  nesting = 0;

  /** `depth` is the nesting that an array or object at this place would reach. */
  value(value: JSONValue, depth: number): JSONValue {
    switch (typeof value) {
      case "string":
        this.size += textLength(value) + 2;
        return value;
      case "number":
        this.size += 9;
        return floatToJson(value);
      case "boolean":
        this.size += 1;
        return value;
      default:
        break;
    }
    if (value === null) {
      this.size += 1;
      return null;
    }
    if (Array.isArray(value)) return this.#array(value, depth);
    return this.#object(value, depth);
  }

  #array(array: readonly JSONValue[], depth: number): JSONValue {
    this.#enter(depth);
    checkArrayLength(array);
    return array.map((element) => this.value(element, depth + 1));
  }

  #object(object: JsonObject, depth: number): JSONValue {
    const names = Object.keys(object);
    if (names.length === 1 && (names[0] as string).startsWith("$"))
      return this.#special(object, names[0] as string);
    this.#enter(depth);
    checkFieldCount(names);
    const normalized: JsonObject = {};
    for (const name of names.sort()) {
      checkFieldName(name);
      this.size += name.length + 1;
      const value = this.value(object[name] as JSONValue, depth + 1);
      if (name === "__proto__") {
        // An assignment would set the prototype.
        Object.defineProperty(normalized, name, {
          value,
          enumerable: true,
          configurable: true,
          writable: true,
        });
      } else {
        normalized[name] = value;
      }
    }
    return normalized;
  }

  #special(object: JsonObject, key: string): JSONValue {
    const encoded = object[key];
    switch (key) {
      case "$integer": {
        if (decodeBase64(encoded)?.length !== 8) throw malformed(key);
        this.size += 9;
        return object;
      }
      case "$float": {
        if (decodeBase64(encoded)?.length !== 8) throw malformed(key);
        this.size += 9;
        return floatToJson(floatOf(object));
      }
      case "$bytes": {
        const bytes = decodeBase64(encoded);
        if (bytes === null) throw malformed(key);
        this.size += bytes.length + 2;
        return object;
      }
      case "$commitTs":
        if (encoded !== null) throw malformed(key);
        this.size += 9;
        return object;
      default:
        checkFieldName(key);
        throw malformed(key);
    }
  }

  #enter(depth: number): void {
    checkNesting(depth);
    if (depth > this.nesting) this.nesting = depth;
    this.size += 2;
  }
}

function textLength(text: string): number {
  return Buffer.byteLength(text, "utf8");
}

/** `null` for anything but the one canonical spelling: other spellings would make equal values differ as text. */
function decodeBase64(encoded: JSONValue | undefined): Buffer | null {
  if (typeof encoded !== "string") return null;
  const bytes = Buffer.from(encoded, "base64");
  return bytes.toString("base64") === encoded ? bytes : null;
}

function malformed(key: string): UserError {
  return new UserError(`Malformed ${key} value`, "InvalidValue");
}
