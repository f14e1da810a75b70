/** Reads what `schema.ts` exports and refuses, before anything is changed, what Convex would refuse. */
import { UserError } from "../functions/types.ts";
import { checkIndexName, checkTableName, isSystemName, parseFieldPath } from "../values/names.ts";
import type { ValidatorJson } from "../values/validatorJson.ts";
import type { IndexRow } from "../storage/types.ts";
import type { ComponentPath, SchemaJson, TableJson } from "./types.ts";

const MAX_INDEXES_PER_TABLE = 64;
const MAX_INDEX_FIELDS = 16;
const MAX_FILTER_FIELDS = 16;

export type IndexDefinition = { name: string; staged: boolean; definition: IndexRow["definition"] };

export type TableDefinition = {
  name: string;
  /** `null` where nothing is checked. */
  validator: ValidatorJson | null;
  indexes: IndexDefinition[];
};

/** Throws a `UserError`. */
export function parseSchema(component: ComponentPath, schema: SchemaJson | null): TableDefinition[] {
  if (schema === null) return [];
  // Whoever installs a component cannot change its schema, and may never search: `ctx.vectorSearch` refuses there.
  if (component === "") schema.tables.forEach(refuseVectorIndexes);
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
  if (filterFields.length > MAX_FILTER_FIELDS) {
    throw new UserError(
      `Search indexes may have up to ${MAX_FILTER_FIELDS} filter fields.`,
      "IndexTooManyFilterFields",
    );
  }
  for (const field of [searchField, ...filterFields]) checkFieldPath(name, field);
  return { name, staged, definition: { kind: "search", searchField, filterFields } };
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
    const text = JSON.stringify(definition);
    const other = definitions.get(text);
    if (other !== undefined && definition.kind === "database") {
      throw new UserError(
        `In table "${table}" index "${other}" and index "${name}" have the same fields. Indexes must be unique ` +
          "within a table.",
        "IndexNotUnique",
      );
    }
    definitions.set(text, name);
  }
}

function checkIndexReferences({ name: table, validator, indexes }: TableDefinition): void {
  if (validator === null) return;
  for (const { name, definition } of indexes) {
    const fields =
      definition.kind === "database"
        ? definition.fields
        : [definition.searchField, ...definition.filterFields];
    const missing = fields.find((field) => !canContain(validator, field.split(".")));
    if (missing !== undefined) {
      throw new UserError(
        `In table "${table}" the index "${name}" is invalid because it references the field ${missing} that does ` +
          "not exist.",
        "SchemaDefinitionError",
      );
    }
  }
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

function refuseVectorIndexes({ tableName, vectorIndexes = [], stagedVectorIndexes = [] }: TableJson): void {
  if (vectorIndexes.length + stagedVectorIndexes.length === 0) return;
  const name = vectorIndexes[0]?.indexDescriptor ?? "";
  throw new UserError(
    `Table "${tableName}" declares the vector index "${name}": vector search is not supported by the embedded ` +
      "backend. Remove the index, use a search index instead, or deploy to Convex.",
    "UnsupportedFeature",
  );
}
