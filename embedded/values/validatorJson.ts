/** The JSON form of validators, as `exportArgs()`, `exportReturns()` and `SchemaDefinition.export()` give it. */
import type { JSONValue } from "convex/values";

export type ObjectFieldJson = { fieldType: ValidatorJson; optional: boolean };

export type ValidatorJson =
  | { type: "null" | "number" | "bigint" | "commitTs" | "boolean" | "string" | "bytes" | "any" }
  | { type: "literal"; value: JSONValue }
  | { type: "id"; tableName: string }
  | { type: "array"; value: ValidatorJson }
  | { type: "record"; keys: ValidatorJson; values: ObjectFieldJson }
  | { type: "object"; value: Record<string, ObjectFieldJson> }
  | { type: "union"; value: ValidatorJson[] };
