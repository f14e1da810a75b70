/** The tables and indexes of all components, in memory. What is here is also in the storage. */
import type { IndexId, IndexRow, Storage, TableRow } from "../storage/types.ts";
import { encodeKey, encodeValue, type IndexKey } from "../values/indexKey.ts";
import { valueAt, type JsonObject } from "../values/json.ts";
import { isSystemName } from "../values/names.ts";
import type { ValidatorJson } from "../values/validatorJson.ts";
import { splitTerms } from "../storage/searchTerms.ts";
import type { SearchEntry } from "../storage/types.ts";
import { indexScope, type IndexScope } from "./readWriteSets.ts";
import { SYSTEM_TABLES } from "./systemTables.ts";
import type { ComponentPath } from "./types.ts";

/** Convex gives user tables numbers above 10,000; below are its own. */
const FIRST_USER_TABLE_NUMBER = 10_001;
/** Below are numbers that Convex gives tables of its own, and that older data files have. */
const FIRST_SYSTEM_TABLE_NUMBER = 128;

export const BY_ID = "by_id";
export const BY_CREATION_TIME = "by_creation_time";
/** Every index but `by_id` ends with these. */
export const IMPLICIT_FIELDS: readonly string[] = ["_creationTime", "_id"];

export type DatabaseIndex = {
  kind: "database";
  /** `null` for `by_id`, which is the order in which the documents themselves are stored. */
  id: IndexId | null;
  name: string;
  /** `table.index`, for messages. */
  label: string;
  scope: IndexScope;
  staged: boolean;
  /** Paths of the fields, the implicit `_creationTime` and `_id` at the end included. */
  fields: readonly string[];
  paths: readonly (readonly string[])[];
};

export type SearchIndex = {
  kind: "search";
  id: IndexId;
  name: string;
  label: string;
  scope: IndexScope;
  staged: boolean;
  searchField: string;
  filterFields: readonly string[];
};

export type VectorIndex = {
  kind: "vector";
  id: IndexId;
  name: string;
  label: string;
  scope: IndexScope;
  staged: boolean;
  vectorField: string;
  dimensions: number;
  filterFields: readonly string[];
};

export type Index = DatabaseIndex | SearchIndex | VectorIndex;

export type Table = {
  readonly row: TableRow;
  readonly isSystem: boolean;
  readonly byId: DatabaseIndex;
  readonly indexes: Map<string, Index>;
  validator: ValidatorJson | null;
};

export class Catalog {
  readonly #storage: Storage;
  readonly #byName = new Map<ComponentPath, Map<string, Table>>();
  readonly #byNumber = new Map<ComponentPath, Map<number, Table>>();
  #nextTableId = 1;
  #nextIndexId = 1;

  constructor(storage: Storage) {
    this.#storage = storage;
    const byId = new Map<number, Table>();
    for (const row of storage.tables()) {
      this.#nextTableId = Math.max(this.#nextTableId, row.id + 1);
      byId.set(row.id, this.#add(row));
    }
    for (const row of storage.indexes()) {
      this.#nextIndexId = Math.max(this.#nextIndexId, row.id + 1);
      const table = byId.get(row.table);
      if (table !== undefined) table.indexes.set(row.name, indexOf(table.row, row));
    }
  }

  components(): ComponentPath[] {
    return [...this.#byName.keys()];
  }

  tables(component: ComponentPath): Table[] {
    return [...(this.#byName.get(component)?.values() ?? [])];
  }

  indexIds(): Set<IndexId> {
    const ids = new Set<IndexId>();
    for (const tables of this.#byName.values()) {
      for (const { indexes } of tables.values())
        for (const { id } of indexes.values()) if (id !== null) ids.add(id);
    }
    return ids;
  }

  find(component: ComponentPath, name: string): Table | null {
    return this.#byName.get(component)?.get(name) ?? null;
  }

  findByNumber(component: ComponentPath, number: number): Table | null {
    return this.#byNumber.get(component)?.get(number) ?? null;
  }

  /** The table of that name; made if there is none. */
  ensure(component: ComponentPath, name: string): Table {
    return this.find(component, name) ?? this.#create(component, name);
  }

  /** The least number that no table of the component has, nor any of `taken`. */
  freeNumber(component: ComponentPath, system: boolean, taken: ReadonlySet<number> = new Set()): number {
    let number = system ? FIRST_SYSTEM_TABLE_NUMBER : FIRST_USER_TABLE_NUMBER;
    while (this.findByNumber(component, number) !== null || taken.has(number)) number++;
    return number;
  }

  /** Gives tables of a component, whose documents are about to be replaced, other numbers, each its own. */
  renumber(component: ComponentPath, numbers: ReadonlyMap<Table, number>): void {
    const byNumber = entryOf(this.#byNumber, component);
    for (const table of numbers.keys()) byNumber.delete(table.row.number);
    for (const [table, number] of numbers) {
      table.row.number = number;
      byNumber.set(number, table);
      this.#storage.putTable(table.row);
    }
  }

  save(table: Table): void {
    table.row.validator = table.validator === null ? null : JSON.stringify(table.validator);
    this.#storage.putTable(table.row);
  }

  /** Saves how many documents it has, and nothing else: its validator may be long. */
  saveSize({ row }: Table): void {
    this.#storage.putTableSize(row.id, row.documents);
  }

  /** Adds an index that is still empty. */
  addIndex(table: Table, name: string, staged: boolean, definition: IndexRow["definition"]): Index {
    const row: IndexRow = { id: this.#nextIndexId++, table: table.row.id, name, staged, definition };
    this.#storage.putIndex(row);
    const index = indexOf(table.row, row);
    table.indexes.set(name, index);
    return index;
  }

  setStaged(table: Table, index: Index, staged: boolean): void {
    index.staged = staged;
    this.#storage.putIndex(rowOf(table, index));
  }

  dropIndex(table: Table, index: Index): void {
    this.#storage.dropIndex(rowOf(table, index));
    table.indexes.delete(index.name);
  }

  #create(component: ComponentPath, name: string): Table {
    const row: TableRow = {
      id: this.#nextTableId++,
      component,
      name,
      number: this.#numberFor(component, name),
      documents: 0,
      validator: null,
    };
    this.#storage.putTable(row);
    const table = this.#add(row);
    this.addIndex(table, BY_CREATION_TIME, false, { kind: "database", fields: [] });
    for (const index of SYSTEM_TABLES.find((system) => system.name === name)?.indexes ?? []) {
      this.addIndex(table, index.name, false, { kind: "database", fields: index.fields });
    }
    return table;
  }

  #numberFor(component: ComponentPath, name: string): number {
    const wanted = SYSTEM_TABLES.find((table) => table.name === name)?.number;
    if (wanted !== undefined && this.findByNumber(component, wanted) === null) return wanted;
    return this.freeNumber(component, isSystemName(name));
  }

  #add(row: TableRow): Table {
    const { component, name } = row;
    const byId: DatabaseIndex = {
      kind: "database",
      id: null,
      name: BY_ID,
      label: `${name}.${BY_ID}`,
      scope: indexScope(component, name, BY_ID),
      staged: false,
      fields: ["_id"],
      paths: [["_id"]],
    };
    const table: Table = {
      row,
      isSystem: isSystemName(name),
      byId,
      indexes: new Map([[BY_ID, byId]]),
      validator: row.validator === null ? null : (JSON.parse(row.validator) as ValidatorJson),
    };
    entryOf(this.#byName, component).set(name, table);
    entryOf(this.#byNumber, component).set(row.number, table);
    return table;
  }
}

/** The key of a document in an index. */
export function documentKey(index: DatabaseIndex, document: JsonObject): IndexKey {
  return encodeKey(index.paths.map((path) => valueAt(document, path)));
}

export function idKey(id: string): IndexKey {
  return encodeValue(id);
}

/** A document as a search index holds it, or `null` if it has no text where the index looks. */
export function searchEntry(index: SearchIndex, document: JsonObject): SearchEntry | null {
  const text = valueAt(document, index.searchField.split("."));
  if (typeof text !== "string") return null;
  return {
    id: document["_id"] as string,
    creationTime: document["_creationTime"] as number,
    terms: splitTerms(text),
    filters: index.filterFields.map((field) => encodeValue(valueAt(document, field.split(".")))),
  };
}

function indexOf(table: TableRow, row: IndexRow): Index {
  const { id, name, staged, definition } = row;
  const label = `${table.name}.${name}`;
  const scope = indexScope(table.component, table.name, name);
  switch (definition.kind) {
    case "database": {
      const fields = [...definition.fields, ...IMPLICIT_FIELDS];
      const paths = fields.map((field) => field.split("."));
      return { kind: "database", id, name, label, scope, staged, fields, paths };
    }
    case "search": {
      const { searchField, filterFields } = definition;
      return { kind: "search", id, name, label, scope, staged, searchField, filterFields };
    }
    case "vector": {
      const { vectorField, dimensions, filterFields } = definition;
      return { kind: "vector", id, name, label, scope, staged, vectorField, dimensions, filterFields };
    }
    default:
      return definition satisfies never;
  }
}

function rowOf(table: Table, index: Index): IndexRow {
  if (index.id === null) throw new Error(`${index.label} has no row of its own`);
  const { id, name, staged } = index;
  return { id, table: table.row.id, name, staged, definition: definitionOf(index) };
}

/** As it is stored, its fields in the order in which schemas are read. */
export function definitionOf(index: Index): IndexRow["definition"] {
  switch (index.kind) {
    case "database":
      return { kind: "database", fields: index.fields.slice(0, -IMPLICIT_FIELDS.length) };
    case "search":
      return { kind: "search", searchField: index.searchField, filterFields: [...index.filterFields] };
    case "vector": {
      const { vectorField, dimensions, filterFields } = index;
      return { kind: "vector", vectorField, dimensions, filterFields: [...filterFields] };
    }
    default:
      return index satisfies never;
  }
}

function entryOf<K, L, V>(maps: Map<K, Map<L, V>>, key: K): Map<L, V> {
  let map = maps.get(key);
  if (map === undefined) maps.set(key, (map = new Map<L, V>()));
  return map;
}
