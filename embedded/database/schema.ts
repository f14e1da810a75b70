/** Reads what `schema.ts` exports and refuses, before anything is changed, what Convex would refuse. */
import { UserError } from "../functions/types.ts";
import { checkIndexName, checkTableName, isSystemName, parseFieldPath } from "../values/names.ts";
import type { ValidatorJson } from "../values/validatorJson.ts";
import type { IndexRow } from "../storage/types.ts";
import type { SchemaJson, TableJson, VectorIndexJson } from "./types.ts";

const MAX_INDEXES_PER_TABLE = 64;
const MAX_INDEX_FIELDS = 16;
const MAX_FILTER_FIELDS = 16;
const MIN_DIMENSIONS = 2;
const MAX_DIMENSIONS = 4096;

export type IndexDefinition = { name: string; staged: boolean; definition: IndexRow["definition"] };

export type TableDefinition = {
  name: string;
  /** `null` where nothing is checked. */
  validator: ValidatorJson | null;
  indexes: IndexDefinition[];
};

/** Throws a `UserError`. */
export function parseSchema(schema: SchemaJson | null): TableDefinition[] {
  if (schema === null) return [];
  return schema.tables.map((table) => parseTable(table, schema.schemaValidation));
}

function parseTable(table: TableJson, schemaValidation: boolean): TableDefinition {
  const { tableName } = table;
  checkTableName(tableName);
  if (isSystemName(tableName))
    throw new UserError(`${tableName} is a reserved table name.`, "TableNameReserved");

  const indexes = [
    ...table.indexes.map((index) => parseIndex(tableName, index, false)),
    ...(table.stagedDbIndexes ?? []).map((index) => parseIndex(tableName, index, true)),
    ...table.searchIndexes.map((index) => parseSearchIndex(tableName, index, false)),
    ...(table.stagedSearchIndexes ?? []).map((index) => parseSearchIndex(tableName, index, true)),
    ...(table.vectorIndexes ?? []).map((index) => parseVectorIndex(tableName, index, false)),
    ...(table.stagedVectorIndexes ?? []).map((index) => parseVectorIndex(tableName, index, true)),
  ];
  checkIndexes(tableName, indexes);
  const documentType = schemaValidation ? (table.documentType as ValidatorJson | null) : null;
  const validator = documentType === null ? null : withoutSystemFields(documentType);
  const parsed = { name: tableName, validator: validator?.type === "any" ? null : validator, indexes };
  if (schemaValidation) checkIndexReferences(parsed);
  return parsed;
}

/** `_id` and `_creationTime` may be named, and say nothing: `filter_system_fields` in Convex's `crates/common/src/schemas/json.rs`. */
function withoutSystemFields(validator: ValidatorJson): ValidatorJson {
  switch (validator.type) {
    case "object": {
      const fields = Object.entries(validator.value).filter(([name]) => !name.startsWith("_"));
      return { ...validator, value: Object.fromEntries(fields) };
    }
    case "union":
      return { ...validator, value: validator.value.map(withoutSystemFields) };
    default:
      return validator;
  }
}

function parseIndex(
  table: string,
  { indexDescriptor: name, fields }: TableJson["indexes"][number],
  staged: boolean,
): IndexDefinition {
  checkIndexName(table, name);
  if (fields.length === 0) {
    throw new UserError(
      `In table "${table}" ${staged ? "staged " : ""}index "${name}" must have at least one field.`,
      "EmptyIndex",
    );
  }
  if (fields.length > MAX_INDEX_FIELDS) {
    throw new UserError(`Indexes may have up to ${MAX_INDEX_FIELDS} fields.`, "IndexTooManyFields");
  }
  for (const [position, field] of fields.entries()) {
    checkIndexField(name, field);
    if (fields.indexOf(field) !== position) {
      throw new UserError(
        `Duplicate field ${field}. Index fields must be unique within an index.`,
        "FieldsNotUniqueWithinIndex",
      );
    }
  }
  return { name, staged, definition: { kind: "database", fields } };
}

function parseSearchIndex(
  table: string,
  { indexDescriptor: name, searchField, filterFields }: TableJson["searchIndexes"][number],
  staged: boolean,
): IndexDefinition {
  checkIndexName(table, name);
  checkFilterFields(filterFields);
  for (const field of [searchField, ...filterFields]) checkFieldPath(name, field);
  return { name, staged, definition: { kind: "search", searchField, filterFields } };
}

function parseVectorIndex(
  table: string,
  { indexDescriptor: name, vectorField, dimensions, filterFields }: VectorIndexJson,
  staged: boolean,
): IndexDefinition {
  checkIndexName(table, name);
  for (const field of [vectorField, ...filterFields]) checkFieldPath(name, field);
  if (!Number.isInteger(dimensions) || dimensions < MIN_DIMENSIONS || dimensions > MAX_DIMENSIONS) {
    throw new UserError(
      `Dimensions ${dimensions} must be between ${MIN_DIMENSIONS} and ${MAX_DIMENSIONS}.`,
      "InvalidVectorDimensionError",
    );
  }
  const distinct = [...new Set(filterFields)];
  checkFilterFields(distinct);
  return { name, staged, definition: { kind: "vector", vectorField, dimensions, filterFields: distinct } };
}

function checkFilterFields(fields: readonly string[]): void {
  if (fields.length <= MAX_FILTER_FIELDS) return;
  throw new UserError(
    `Search indexes may have up to ${MAX_FILTER_FIELDS} filter fields.`,
    "IndexTooManyFilterFields",
  );
}

function checkIndexField(index: string, field: string): void {
  if (field === "_id") {
    throw new UserError(
      "`_id` is not a valid index field. To load documents by ID, use `db.get(id)`.",
      "IndexFieldsContainId",
    );
  }
  if (field === "_creationTime") {
    throw new UserError(
      "`_creationTime` is automatically added to the end of each index. It should not be added explicitly in the " +
        "index definition. See https://docs.convex.dev/using/indexes for more details.",
      "IndexFieldsContainCreationTime",
    );
  }
  if (field.startsWith("_")) {
    throw new UserError(
      "Reserved fields (starting with `_`) are not allowed in indexes.",
      "IndexFieldNameReserved",
    );
  }
  checkFieldPath(index, field);
}

function checkFieldPath(index: string, field: string): void {
  try {
    parseFieldPath(field);
  } catch {
    throw new UserError(`In index "${index}": Invalid index field: "${field}"`, "InvalidIndexField");
  }
}

function checkIndexes(table: string, indexes: readonly IndexDefinition[]): void {
  if (indexes.length > MAX_INDEXES_PER_TABLE) {
    throw new UserError(
      `Table "${table}" cannot have more than ${MAX_INDEXES_PER_TABLE} indexes.`,
      "TooManyIndexes",
    );
  }
  const names = new Set<string>();
  const definitions = new Map<string, string>();
  for (const { name, definition } of indexes) {
    if (names.has(name)) {
      throw new UserError(
        `Table "${table}" has two or more definitions of index "${name}".`,
        "IndexNamesNotUnique",
      );
    }
    names.add(name);
    const text = JSON.stringify(
      definition.kind === "vector" ? { ...definition, filterFields: [] } : definition,
    );
    const other = definitions.get(text);
    if (other !== undefined && definition.kind === "database") {
      throw new UserError(
        `In table "${table}" index "${other}" and index "${name}" have the same fields. Indexes must be unique ` +
          "within a table.",
        "IndexNotUnique",
      );
    }
    if (other !== undefined && definition.kind === "vector") {
      throw new UserError(
        `In table "${table}" vector index "${other}" and vector index "${name}" have the same \`vectorField\`. Vector ` +
          "index fields must be unique within a table. You should combine the indexes with the same `vectorField` into " +
          "one index containing all `filterField`s and then use different subsets of the `filterField`s at query time.",
        "VectorIndexFieldNotUnique",
      );
    }
    definitions.set(text, name);
  }
}

function checkIndexReferences({ name: table, validator, indexes }: TableDefinition): void {
  if (validator === null) return;
  for (const { name, definition } of indexes) {
    const fields = fieldsOf(definition);
    const missing = fields.find((field) => !canContain(validator, field.split(".")));
    if (missing !== undefined) {
      throw new UserError(
        `In table "${table}" the index "${name}" is invalid because it references the field ${missing} that does ` +
          "not exist.",
        "SchemaDefinitionError",
      );
    }
    if (definition.kind === "vector" && !canHoldVector(validator, definition.vectorField.split("."))) {
      throw new UserError(
        `In table "${table}" the vector index "${name}" is invalid because it references the field ` +
          `${definition.vectorField} that is neither an array of float64 or optional array of float64.`,
        "SchemaDefinitionError",
      );
    }
  }
}

function fieldsOf(definition: IndexRow["definition"]): readonly string[] {
  switch (definition.kind) {
    case "database":
      return definition.fields;
    case "search":
      return [definition.searchField, ...definition.filterFields];
    case "vector":
      return [definition.vectorField, ...definition.filterFields];
    default:
      return definition satisfies never;
  }
}

/** Can a value that fits the validator have an array of numbers at this path? */
function canHoldVector(validator: ValidatorJson, path: readonly string[]): boolean {
  if (validator.type === "any") return true;
  if (validator.type === "union") return validator.value.some((member) => canHoldVector(member, path));
  const [field, ...rest] = path;
  if (field === undefined) {
    return validator.type === "array" && ["number", "any"].includes(validator.value.type);
  }
  if (validator.type !== "object") return false;
  const found = Object.hasOwn(validator.value, field) ? validator.value[field] : undefined;
  return found === undefined || canHoldVector(found.fieldType, rest);
}

/** Can a value that fits the validator have this field? */
function canContain(validator: ValidatorJson, path: readonly string[]): boolean {
  const [field, ...rest] = path;
  if (field === undefined) return true;
  switch (validator.type) {
    case "any":
      return true;
    case "object": {
      const found = Object.hasOwn(validator.value, field) ? validator.value[field] : undefined;
      return found !== undefined
        ? canContain(found.fieldType, rest)
        : field === "_id" || field === "_creationTime";
    }
    case "record":
      return canContain(validator.values.fieldType, rest);
    case "union":
      return validator.value.some((member) => canContain(member, path));
    default:
      return false;
  }
}
