import type { JSONValue } from "convex/values";

/** Deeper than any value may be (E8.1), and not so deep that to look at it takes all of the stack. */
const MAX_DEPTH = 1000;

/** Base64 of the eight bytes of a number. */
const EIGHT_BYTES = /^[A-Za-z0-9+/]{11}=$/;

/**
 * Why JSON is not the encoding of a value (`convexToJson`), or `null` if it is: an integer or a number that has not eight bytes, bytes that
 * are no base64, or nesting without end. Whether the value may be one is checked later, in Convex's words.
 */
export function malformedReason(value: JSONValue, depth = 0): string | null {
  if (value === null || typeof value !== "object") return null;
  if (depth > MAX_DEPTH) return `A value is nested deeper than ${MAX_DEPTH}`;
  if (Array.isArray(value)) {
    for (const element of value) {
      const reason = malformedReason(element, depth + 1);
      if (reason !== null) return reason;
    }
    return null;
  }
  for (const name in value) {
    const field = value[name];
    if (field === undefined) continue;
    const reason = name.startsWith("$") ? malformedSpecial(name, field) : malformedReason(field, depth + 1);
    if (reason !== null) return reason;
  }
  return null;
}

function malformedSpecial(name: string, field: JSONValue): string | null {
  switch (name) {
    case "$integer":
    case "$float":
      return typeof field === "string" && EIGHT_BYTES.test(field)
        ? null
        : `A \`${name}\` must be eight bytes in base64`;
    case "$bytes":
      return typeof field === "string" && isBase64(field) ? null : "A `$bytes` must be in base64";
    default:
      // An ordinary field may not be called so: that is said later.
      return null;
  }
}

/** By its length and its letters: a pattern with repetitions would go through the text by backtracking. */
function isBase64(text: string): boolean {
  return text.length % 4 === 0 && !/[^A-Za-z0-9+/=]/.test(text) && !/=[^=]|===/.test(text);
}
