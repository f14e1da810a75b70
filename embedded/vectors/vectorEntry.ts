/** What a vector index keeps of a document, after Convex's `QdrantSchema` (`crates/vector/src/qdrant_index.rs`). */
import { createHash } from "node:crypto";
import type { VectorIndex } from "../database/catalog.ts";
import type { VectorEntry } from "../storage/types.ts";
import { encodeValue } from "../values/indexKey.ts";
import { floatOf, kindOf, valueAt, type JsonObject, type MaybeJson } from "../values/json.ts";

/** Characters. A longer value is known by its hash, as on Convex. */
const MAX_VALUE_LENGTH = 32;

/**
 * `null` if the document has no vector where the index looks: an array of as many numbers as the index has dimensions. A
 * vector that 32-bit numbers cannot hold is none either: on Convex its score is no number.
 */
export function vectorEntry(index: VectorIndex, document: JsonObject): VectorEntry | null {
  const value = valueAt(document, index.vectorField.split("."));
  if (!Array.isArray(value) || value.length !== index.dimensions) return null;
  if (!value.every((component) => kindOf(component) === "float64")) return null;
  const vector = normalised(value.map(floatOf));
  if (vector === null) return null;
  const filters = index.filterFields.map((field) => filterValue(valueAt(document, field.split("."))));
  return { id: document["_id"] as string, vector, filters };
}

/** The vector with length 1, or as it is if all is zero; `null` if a component is not finite in 32 bits. */
export function normalised(components: readonly number[]): Float32Array | null {
  const vector = Float32Array.from(components);
  let squares = 0;
  for (const component of vector) squares += component * component;
  if (!Number.isFinite(squares)) return null;
  const length = Math.sqrt(squares);
  if (length > 0) for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) / length;
  return vector;
}

/** A text that is equal for equal values, `undefined` among them. */
export function filterValue(value: MaybeJson): string {
  const key = encodeValue(value);
  return key.length <= MAX_VALUE_LENGTH
    ? key
    : createHash("sha256").update(Buffer.from(key, "latin1")).digest("hex");
}

export function sameEntry(a: VectorEntry | null, b: VectorEntry | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.filters.every((value, field) => value === b.filters[field]) &&
    a.vector.every((component, i) => component === b.vector[i])
  );
}
