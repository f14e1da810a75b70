/** Makes documents of what functions write: system fields, limits and the table's validator. */
import type { JSONValue } from "convex/values";
import { UserError } from "../functions/types.ts";
import { hasCommitTs } from "../values/commitTs.ts";
import { displayValue, formatBinary } from "../values/display.ts";
import { isPlainObject, type JsonObject } from "../values/json.ts";
import { MAX_DOCUMENT_NESTING, MAX_DOCUMENT_SIZE } from "../values/limits.ts";
import { normalizeValue } from "../values/normalize.ts";
import { validateValue, type IdResolver } from "../values/validate.ts";
import type { ValidatorJson } from "../values/validatorJson.ts";
import type { Table } from "./catalog.ts";
import { withArgument } from "./errors.ts";
import type { Document } from "./overlay.ts";

type DocumentOptions = {
  /** The syscall, for messages. */
  method: string;
  ids: IdResolver;
};

/** Throws a `UserError` in Convex's words if there can be no such document in the table. */
export function makeDocument(
  table: Table,
  id: string,
  creationTime: number,
  fields: JSONValue,
  { method, ids }: DocumentOptions,
): Document {
  const { given, value, size, nesting } = withArgument(method, "value", () => {
    if (!isPlainObject(fields)) throw new UserError("Value must be an Object");
    return { given: fields, ...normalizeValue({ ...fields, _creationTime: creationTime, _id: id }) };
  });
  const document = value as JsonObject;
  checkSystemFields(document, given);
  if (!table.isSystem) {
    if (nesting > MAX_DOCUMENT_NESTING) {
      const reason = `Document is too nested (nested ${nesting} levels deep > maximum nesting ${MAX_DOCUMENT_NESTING})`;
      throw invalidDocument(document, reason);
    }
    checkSize(size);
    if (table.validator !== null) checkAgainstSchema(table.row.name, table.validator, document, ids);
  }
  const text = JSON.stringify(document);
  if (table.isSystem && hasCommitTs(text)) {
    throw new UserError(
      "`db.vars.commitTs` cannot be an argument of a scheduled function",
      "InvalidArgument",
    );
  }
  return { text, size, value: document, nesting };
}

/** The fields of a document after a patch: a field given as `{ $undefined: null }` is removed. */
export function mergePatch(document: JsonObject, patch: JSONValue): JsonObject {
  if (!isPlainObject(patch)) throw new UserError("Value must be an Object");
  const merged = new Map(Object.entries(document));
  for (const [field, value] of Object.entries(patch)) {
    if (isUndefined(value)) merged.delete(field);
    else merged.set(field, value);
  }
  return Object.fromEntries(merged);
}

/** `null` if a stored document fits a validator, else the reason. */
export function schemaMismatch(
  validator: ValidatorJson,
  document: JsonObject,
  ids: IdResolver,
): string | null {
  const { _id, _creationTime, ...fields } = document;
  return validateValue(validator, fields, ids);
}

function checkAgainstSchema(
  table: string,
  validator: ValidatorJson,
  document: JsonObject,
  ids: IdResolver,
): void {
  const mismatch = schemaMismatch(validator, document, ids);
  if (mismatch === null) return;
  throw new UserError(
    `Failed to insert or update a document in table "${table}" because it does not match the schema: ` +
      mismatch,
    "SchemaEnforcementError",
  );
}

/** Functions may send `_id` and `_creationTime` back as they got them, and no other field of that kind. */
function checkSystemFields(document: JsonObject, fields: JsonObject): void {
  for (const field of Object.keys(fields)) {
    if (!field.startsWith("_")) continue;
    const given = fields[field] as JSONValue;
    if (field === "_id") {
      if (given === document[field]) continue;
      const reason = `The document has id ${displayValue(document["_id"])}, but its '_id' field is ${displayValue(given)}`;
      throw invalidDocument(document, reason);
    }
    if (field === "_creationTime") {
      if (given === document[field]) continue;
      throw invalidDocument(
        document,
        `The '_creationTime' field cannot be changed to ${displayValue(given)}`,
      );
    }
    throw invalidDocument(
      document,
      `Field '${field}' starts with an underscore, which is only allowed for system fields like '_id'`,
    );
  }
}

function invalidDocument(document: JsonObject, reason: string): UserError {
  return new UserError(`${displayValue(document)} isn't a valid document: ${reason}`, "InvalidDocumentError");
}

function checkSize(size: number): void {
  if (size <= MAX_DOCUMENT_SIZE) return;
  throw new UserError(
    `Value is too large (${formatBinary(size)} > maximum size ${formatBinary(MAX_DOCUMENT_SIZE)})`,
    "ValueTooLargeError",
  );
}

function isUndefined(value: JSONValue): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && "$undefined" in value;
}
