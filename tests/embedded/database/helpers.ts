/** Shared by the tests of the database. */
import { onTestFinished } from "vitest";
import type { GenericSchema, SchemaDefinition } from "convex/server";
import type { JSONValue } from "convex/values";
import { openDatabase } from "../../../embedded/database/database.ts";
import type {
  ComponentPath,
  Database,
  Page,
  PageRequest,
  QueryCursor,
  SchemaJson,
  SerializedQuery,
  Transaction,
} from "../../../embedded/database/types.ts";
import { createMemoryStorage } from "../../../embedded/storage/memoryStorage.ts";
import { openSqliteStorage } from "../../../embedded/storage/sqliteStorage.ts";
import type { Storage } from "../../../embedded/storage/types.ts";
import { temporaryFolder } from "../storage/temporaryFolder.ts";

export type Row = Record<string, JSONValue>;
export type Range = Extract<SerializedQuery["source"], { type: "IndexRange" }>["range"];
type Options = { order?: "asc" | "desc"; operators?: SerializedQuery["operators"] };

/** Both storages, for `describe.each`. */
export const STORAGES: [name: string, open: () => Storage][] = [
  ["memory", createMemoryStorage],
  ["sqlite", () => openSqliteStorage(`${temporaryFolder()}/data.sqlite`)],
];

/** A database that is closed when the test has ended. */
export function openTestDatabase(
  open: () => Storage,
  schema?: SchemaDefinition<GenericSchema, boolean>,
): Database {
  const database = openDatabase(open());
  onTestFinished(() => {
    database.close();
  });
  if (schema !== undefined) push(database, schema);
  return database;
}

export function schemaJson(schema: SchemaDefinition<GenericSchema, boolean>): SchemaJson {
  // `export` is there for the CLI and not in the public type.
  return JSON.parse((schema as unknown as { export(): string }).export()) as SchemaJson;
}

export function push(
  database: Database,
  schema: SchemaDefinition<GenericSchema, boolean> | null,
  component: ComponentPath = "",
): void {
  database.pushSchema(new Map([[component, schema === null ? null : schemaJson(schema)]]));
}

/** Runs a mutation and commits it. */
export function mutate<T>(database: Database, work: (tx: Transaction) => T): T {
  const tx = database.begin("mutation");
  const result = work(tx);
  database.commit(tx);
  return result;
}

export function tableScan(
  tableName: string,
  { order = "asc", operators = [] }: Options = {},
): SerializedQuery {
  return { source: { type: "FullTableScan", tableName, order }, operators };
}

export function indexRange(
  indexName: string,
  range: Range = [],
  { order = "asc", operators = [] }: Options = {},
): SerializedQuery {
  return { source: { type: "IndexRange", indexName, range, order }, operators };
}

export function search(
  indexName: string,
  text: string,
  equal: Row = {},
  operators: Options["operators"] = [],
): SerializedQuery {
  const filters = Object.entries(equal).map(([fieldPath, value]) => ({
    type: "Eq" as const,
    fieldPath,
    value,
  }));
  return {
    source: {
      type: "Search",
      indexName,
      filters: [{ type: "Search", fieldPath: "text", value: text }, ...filters],
    },
    operators,
  };
}

export function drain(cursor: QueryCursor): Row[] {
  const rows: Row[] = [];
  for (let text = cursor.next(); text !== null; text = cursor.next()) rows.push(JSON.parse(text) as Row);
  return rows;
}

export function query(tx: Transaction, serialized: SerializedQuery, component: ComponentPath = ""): Row[] {
  return drain(tx.openQuery(component, serialized));
}

export function get(tx: Transaction, id: string): Row | null {
  const text = tx.get("", id);
  return text === null ? null : (JSON.parse(text) as Row);
}

export function page(
  tx: Transaction,
  request: Pick<PageRequest, "query" | "pageSize"> & Partial<PageRequest>,
): Omit<Page, "page"> & { rows: Row[] } {
  const { page: texts, ...rest } = tx.queryPage("", { cursor: null, endCursor: null, ...request });
  return { ...rest, rows: texts.map((text) => JSON.parse(text) as Row) };
}
