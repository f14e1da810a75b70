/** Makes the tables and indexes of a component as its schema says. First all is checked, then all is changed. */
import { UserError } from "../functions/types.ts";
import type { Storage } from "../storage/types.ts";
import { tableNumberOf } from "../values/ids.ts";
import { ALL_KEYS, keySuccessor } from "../values/indexKey.ts";
import type { JsonObject } from "../values/json.ts";
import type { IdResolver } from "../values/validate.ts";
import {
  BY_CREATION_TIME,
  BY_ID,
  definitionOf,
  documentKey,
  idKey,
  searchEntry,
  type Catalog,
  type Index,
  type Table,
} from "./catalog.ts";
import { schemaMismatch } from "./documents.ts";
import { scanStored } from "./indexScan.ts";
import { parseSchema, type IndexDefinition, type TableDefinition } from "./schema.ts";
import { SYSTEM_TABLES } from "./systemTables.ts";
import { vectorEntry } from "../vectors/vectorEntry.ts";
import type { ComponentPath, SchemaJson } from "./types.ts";

/** Documents that are read at once while a table is checked or an index is filled. */
const BATCH_SIZE = 128;

export type SchemaTarget = { readonly storage: Storage; readonly catalog: Catalog };

/** A stored document that does not fit a schema. */
export class SchemaMismatchError extends UserError {
  constructor(
    message: string,
    readonly table: string,
  ) {
    super(message, "SchemaValidationError");
  }
}

/** Throws a `UserError`, having changed nothing, if a schema is not sound or a stored document does not fit it. */
export function pushSchemas(
  target: SchemaTarget,
  schemas: ReadonlyMap<ComponentPath, SchemaJson | null>,
): void {
  const parsed = new Map(
    [...schemas].map(([component, schema]) => [component, parseSchema(schema)] as const),
  );
  for (const [component, tables] of parsed) checkDocuments(target, component, tables);
  for (const [component, tables] of parsed) applySchema(target, component, tables);
}

/** As `pushSchemas`, but for changing anything. */
export function checkSchema(target: SchemaTarget, component: ComponentPath, schema: SchemaJson | null): void {
  checkDocuments(target, component, parseSchema(schema));
}

/** Gives the system tables that are already there the indexes that a newer version wants. */
export function updateSystemTables(target: SchemaTarget): void {
  for (const component of target.catalog.components()) {
    for (const table of target.catalog.tables(component)) {
      const definition = SYSTEM_TABLES.find(({ name }) => name === table.row.name);
      const indexes = definition?.indexes.map(({ name, fields }) => ({
        name,
        staged: false,
        definition: { kind: "database" as const, fields },
      }));
      if (indexes !== undefined) reconcileIndexes(target, table, indexes);
    }
  }
}

function checkDocuments(
  { storage, catalog }: SchemaTarget,
  component: ComponentPath,
  tables: TableDefinition[],
): void {
  const names = new Set(tables.map(({ name }) => name));
  for (const { name, validator } of tables) {
    const table = catalog.find(component, name);
    if (table === null || validator === null || sameJson(table.validator, validator)) continue;
    const ids = storedIds(catalog, component, names);
    forEachDocument(storage, table, (document) => {
      const mismatch = schemaMismatch(validator, document, ids);
      if (mismatch === null) return;
      throw new SchemaMismatchError(
        `Schema validation failed. Document with ID "${document["_id"] as string}" in table "${name}" does not ` +
          `match the schema: ${mismatch}`,
        name,
      );
    });
  }
}

function applySchema(target: SchemaTarget, component: ComponentPath, definitions: TableDefinition[]): void {
  const { catalog } = target;
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  // All tables first, so that their validators can name each other.
  for (const { name } of definitions) catalog.ensure(component, name);
  for (const table of catalog.tables(component)) {
    if (table.isSystem) continue;
    const definition = byName.get(table.row.name);
    reconcileIndexes(target, table, definition?.indexes ?? []);
    const validator = definition?.validator ?? null;
    if (sameJson(table.validator, validator)) continue;
    table.validator = validator;
    catalog.save(table);
  }
}

function reconcileIndexes(
  { storage, catalog }: SchemaTarget,
  table: Table,
  wanted: readonly IndexDefinition[],
): void {
  const byName = new Map(wanted.map((index) => [index.name, index]));
  for (const index of [...table.indexes.values()]) {
    if (index.name === BY_ID || index.name === BY_CREATION_TIME) continue;
    const definition = byName.get(index.name)?.definition;
    if (definition === undefined || !sameJson(definitionOf(index), definition))
      catalog.dropIndex(table, index);
  }
  const added: Index[] = [];
  for (const { name, staged, definition } of wanted) {
    const existing = table.indexes.get(name);
    if (existing === undefined) added.push(catalog.addIndex(table, name, staged, definition));
    else if (existing.staged !== staged) catalog.setStaged(table, existing, staged);
  }
  if (added.length > 0) backfill(storage, table, added);
}

function backfill(storage: Storage, table: Table, indexes: readonly Index[]): void {
  forEachDocument(storage, table, (document) => {
    for (const index of indexes) {
      switch (index.kind) {
        case "search": {
          const entry = searchEntry(index, document);
          if (entry !== null) storage.search.put(index.id, entry);
          break;
        }
        case "vector": {
          const entry = vectorEntry(index, document);
          if (entry !== null) storage.vectors.put(index.id, entry);
          break;
        }
        case "database":
          if (index.id !== null)
            storage.putEntry(index.id, documentKey(index, document), document["_id"] as string);
          break;
        default:
          index satisfies never;
      }
    }
  });
}

function forEachDocument(storage: Storage, table: Table, visit: (document: JsonObject) => void): void {
  let range = ALL_KEYS;
  for (;;) {
    const rows = scanStored(storage, table, table.byId, range, "asc", BATCH_SIZE);
    for (const row of rows) visit(JSON.parse(row.document.text) as JsonObject);
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH_SIZE) return;
    range = { ...range, start: keySuccessor(idKey(last.id)) };
  }
}

function storedIds(catalog: Catalog, component: ComponentPath, known: ReadonlySet<string>): IdResolver {
  const tableOf = (id: string): string | null => {
    const number = tableNumberOf(id);
    return number === null ? null : (catalog.findByNumber(component, number)?.row.name ?? null);
  };
  return {
    isIdOf: (table, id) => (known.has(table) || table.startsWith("_")) && tableOf(id) === table,
    tableOf,
  };
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
