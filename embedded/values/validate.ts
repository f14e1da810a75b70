/**
 * Validators of arguments, returns and documents, with Convex's own messages (`crates/common/src/schemas/
 * validator.rs`). What stands around a message ("ArgumentValidationError: …") is added by whoever validates.
 */
import type { JSONValue } from "convex/values";
import { displayLiteral, displayObjectValidator, displayValidator, displayValue } from "./display.ts";
import { isPlainObject, kindOf, type JsonObject } from "./json.ts";
import { compareValues } from "./order.ts";
import type { ObjectFieldJson, ValidatorJson } from "./validatorJson.ts";

/** What the validator of an id has to know of the tables of the component it runs for. */
export type IdResolver = {
  /** Is this string an id of that table? */
  isIdOf(table: string, id: string): boolean;
  /** The table of an id, or `null` if it is none: lets a message name the table that was found. */
  tableOf?(id: string): string | null;
};

/** `null` if the value fits, else the reason in Convex's words. Both are in their JSON encoding. */
export function validateValue(validator: JSONValue, value: JSONValue, ids: IdResolver): string | null {
  const mismatch = check(validator as ValidatorJson, value, ids);
  return mismatch === null
    ? null
    : mismatch.describe(mismatch.path.length === 0 ? "" : `Path: ${mismatch.path}`);
}

/** `describe` gets the place where it happened, which is known only on the way back up. */
type Mismatch = { path: string; describe: (path: string) => string };

function check(validator: ValidatorJson, value: JSONValue, ids: IdResolver): Mismatch | null {
  switch (validator.type) {
    case "any":
      return null;
    case "id":
      return checkId(validator, value, ids);
    case "null":
    case "boolean":
    case "string":
    case "bytes":
      return kindOf(value) === validator.type ? null : noMatch(validator, value);
    case "number":
      return kindOf(value) === "float64" ? null : noMatch(validator, value);
    case "bigint":
    case "commitTs":
      return kindOf(value) === "int64" ? null : noMatch(validator, value);
    case "literal":
      if (compareValues(value, validator.value) === 0) return null;
      return mismatch(
        (path) =>
          `\`${displayValue(value)}\` does not match literal validator ` +
          `\`v.literal(${displayLiteral(validator.value)})\`.${path}`,
      );
    case "array":
      return Array.isArray(value) ? checkArray(validator.value, value, ids) : noMatch(validator, value);
    case "record":
      return isPlainObject(value)
        ? checkRecord(validator.keys, validator.values.fieldType, value, ids)
        : noMatch(validator, value);
    case "object":
      return isPlainObject(value) ? checkObject(validator.value, value, ids) : noMatch(validator, value);
    case "union": {
      const [only] = validator.value;
      if (only !== undefined && validator.value.length === 1) return check(only, value, ids);
      return validator.value.some((member) => check(member, value, ids) === null)
        ? null
        : noMatch(validator, value);
    }
    default:
      return validator satisfies never;
  }
}

function checkId(
  validator: ValidatorJson & { type: "id" },
  value: JSONValue,
  ids: IdResolver,
): Mismatch | null {
  if (typeof value !== "string") return noMatch(validator, value);
  if (ids.isIdOf(validator.tableName, value)) return null;
  const found = ids.tableOf?.(value) ?? null;
  if (found === null) return noMatch(validator, value);
  const where = found.startsWith("_") ? "a system table" : `table \`${found}\``;
  return mismatch(
    (path) =>
      `Found ID "${value}" from ${where}, which does not match the table name in validator ` +
      `\`v.id("${validator.tableName}")\`.${path}`,
  );
}

function checkArray(element: ValidatorJson, array: readonly JSONValue[], ids: IdResolver): Mismatch | null {
  for (const [index, value] of array.entries()) {
    const found = check(element, value, ids);
    if (found !== null) return at(`[${index}]`, found);
  }
  return null;
}

function checkRecord(
  keys: ValidatorJson,
  values: ValidatorJson,
  record: JsonObject,
  ids: IdResolver,
): Mismatch | null {
  for (const key of Object.keys(record).sort()) {
    const value = record[key] as JSONValue;
    const wrongKey = check(keys, key, ids);
    if (wrongKey !== null) return at(".keys()", wrongKey);
    const wrongValue = check(values, value, ids);
    if (wrongValue !== null) return at(".values()", wrongValue);
  }
  return null;
}

function checkObject(
  fields: Record<string, ObjectFieldJson>,
  object: JsonObject,
  ids: IdResolver,
): Mismatch | null {
  for (const name of Object.keys(fields).sort()) {
    const { fieldType, optional } = fields[name] as ObjectFieldJson;
    if (Object.hasOwn(object, name)) {
      const found = check(fieldType, object[name] as JSONValue, ids);
      if (found !== null) return at(`.${name}`, found);
    } else if (!optional) {
      return mismatch(
        (path) =>
          `Object is missing the required field \`${name}\`. Consider wrapping the field validator in ` +
          `\`v.optional(...)\` if this is expected.\n${path}\n` +
          `Object: ${displayValue(object)}\nValidator: ${displayObjectValidator(fields)}`,
      );
    }
  }
  const extra = Object.keys(object)
    .sort()
    .find((name) => !Object.hasOwn(fields, name));
  if (extra === undefined) return null;
  return mismatch(
    (path) =>
      `Object contains extra field \`${extra}\` that is not in the validator.\n${path}\n` +
      `Object: ${displayValue(object)}\nValidator: ${displayObjectValidator(fields)}`,
  );
}

function noMatch(validator: ValidatorJson, value: JSONValue): Mismatch {
  return mismatch(
    (path) =>
      `Value does not match validator.\n${path}\n` +
      `Value: ${displayValue(value)}\nValidator: ${displayValidator(validator)}`,
  );
}

function mismatch(describe: Mismatch["describe"]): Mismatch {
  return { path: "", describe };
}

function at(step: string, found: Mismatch): Mismatch {
  return { path: step + found.path, describe: found.describe };
}
