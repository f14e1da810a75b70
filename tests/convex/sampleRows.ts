/** Rows made from the schema itself, so that tables that are added later are in the tests that use them. */
import type { TableNames } from "../../convex/_generated/dataModel";
import schema from "../../convex/schema";

/** A validator as it is exported. */
export type Exported =
  | { type: "id"; tableName: string }
  | { type: "object"; value: Record<string, { fieldType: Exported; optional: boolean }> }
  | { type: "array"; value: Exported }
  | { type: "record"; keys: Exported; values: { fieldType: Exported } }
  | { type: "union"; value: Exported[] }
  | { type: "literal"; value: unknown }
  | { type: "string" | "number" | "boolean" | "null" | "any" | "bytes" | "bigint" };

const documentOf = (table: TableNames): Exported =>
  (schema.tables[table] as unknown as { validator: { json: Exported } }).validator.json;

/** The paths of the fields of a table that hold a user's id. */
export const usersNamed = (table: TableNames): string[] => [...new Set(pathsIn(documentOf(table), []))];

function pathsIn(type: Exported, path: string[]): string[] {
  switch (type.type) {
    case "id":
      return type.tableName === "users" ? [path.join(".")] : [];
    case "object":
      return Object.entries(type.value).flatMap(([name, field]) => pathsIn(field.fieldType, [...path, name]));
    case "array":
      return pathsIn(type.value, path);
    case "record":
      return pathsIn(type.values.fieldType, path);
    case "union":
      return type.value.flatMap((member) => pathsIn(member, path));
    default:
      return [];
  }
}

/** A row with ids of these tables wherever one may be, and the simplest of everything else. */
export function sampleRow(table: TableNames, ids: Partial<Record<string, string>>): unknown {
  return sampleOf(documentOf(table), ids);
}

const NONE = Symbol("nothing that can be made");

/** A value that the validator takes, in the same way. */
export function sampleOf(type: Exported, ids: Partial<Record<string, string>>): unknown {
  switch (type.type) {
    case "id":
      return ids[type.tableName] ?? NONE;
    case "object": {
      const entries = Object.entries(type.value).map(
        ([name, field]) => [name, sampleOf(field.fieldType, ids)] as const,
      );
      return Object.fromEntries(entries.filter(([, value]) => value !== NONE));
    }
    case "array":
    case "record":
      return type.type === "array" ? [] : {};
    case "union":
      // One that names somebody, if there is one.
      return sampleOf(type.value.find((member) => pathsIn(member, []).length > 0) ?? type.value[0]!, ids);
    case "literal":
      return type.value;
    case "string":
      // Rows of one person may belong together; those of two people must not.
      return `sample of ${ids["users"] ?? "nobody"}`;
    case "number":
      return 0;
    case "boolean":
      return false;
    case "bytes":
      return new ArrayBuffer(1);
    default:
      return null;
  }
}
