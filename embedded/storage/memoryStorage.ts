/** A storage that lives and dies with the process: for tests and for trying things out. */
import Database from "libsql";
import type { IndexKey, KeyRange } from "../values/indexKey.ts";
import { Fts5Search } from "./searchStorage.ts";
import { SortedMap } from "./sortedMap.ts";
import type {
  IdRange,
  IndexId,
  IndexRow,
  Order,
  ScannedRow,
  SearchStorage,
  Storage,
  StoredDocument,
  TableId,
  TableRow,
  VectorEntry,
  VectorStorage,
} from "./types.ts";

/** Ids are of ASCII characters. */
const AFTER_ALL_IDS = "\u0100";

export function createMemoryStorage(): Storage {
  return new MemoryStorage();
}

class MemoryStorage implements Storage {
  readonly #tables = new Map<TableId, TableRow>();
  readonly #indexes = new Map<IndexId, IndexRow>();
  readonly #settings = new Map<string, string>();
  readonly #documents = new Map<TableId, SortedMap<StoredDocument>>();
  readonly #entries = new Map<IndexId, SortedMap<string>>();
  readonly #vectors = new Map<IndexId, SortedMap<VectorEntry>>();
  readonly vectors: VectorStorage = {
    scan: (index, after, limit) => {
      const entries = this.#vectors.get(index)?.range(`${after}\0`, AFTER_ALL_IDS, "asc", limit) ?? [];
      return entries.map(([, entry]) => entry);
    },
    put: (index, entry) => {
      let entries = this.#vectors.get(index);
      if (entries === undefined) this.#vectors.set(index, (entries = new SortedMap()));
      entries.set(entry.id, entry);
    },
    delete: (index, id) => {
      this.#vectors.get(index)?.delete(id);
    },
  };
  #searchDatabase: Database.Database | null = null;
  #search: SearchStorage | null = null;

  tables(): TableRow[] {
    return [...this.#tables.values()];
  }

  indexes(): IndexRow[] {
    return [...this.#indexes.values()];
  }

  putTable(row: TableRow): void {
    this.#tables.set(row.id, { ...row });
  }

  putTableSize(id: TableId, documents: number): void {
    const row = this.#tables.get(id);
    if (row !== undefined) this.#tables.set(id, { ...row, documents });
  }

  putIndex(row: IndexRow): void {
    this.#indexes.set(row.id, row);
    if (row.definition.kind === "search") this.search.create(row.id);
  }

  dropIndex(index: IndexRow): void {
    this.#indexes.delete(index.id);
    this.#entries.delete(index.id);
    this.#vectors.delete(index.id);
    if (index.definition.kind === "search") this.search.drop(index.id);
  }

  setting(name: string): string | null {
    return this.#settings.get(name) ?? null;
  }

  putSetting(name: string, value: string): void {
    this.#settings.set(name, value);
  }

  document(table: TableId, id: string): StoredDocument | null {
    return this.#documents.get(table)?.get(id) ?? null;
  }

  scanDocuments(table: TableId, range: IdRange, order: Order, limit: number): ScannedRow[] {
    const documents = this.#documents.get(table)?.range(range.start, range.end, order, limit) ?? [];
    return documents.map(([id, document]) => ({ key: id, id, document }));
  }

  scanIndex(table: TableId, index: IndexId, range: KeyRange, order: Order, limit: number): ScannedRow[] {
    const documents = this.#documents.get(table);
    const entries = this.#entries.get(index)?.range(range.start, range.end, order, limit) ?? [];
    return entries.map(([key, id]) => ({ key, id, document: documents?.get(id) as StoredDocument }));
  }

  putDocument(table: TableId, id: string, document: StoredDocument): void {
    let documents = this.#documents.get(table);
    if (documents === undefined) this.#documents.set(table, (documents = new SortedMap()));
    documents.set(id, document);
  }

  deleteDocument(table: TableId, id: string): void {
    this.#documents.get(table)?.delete(id);
  }

  putEntry(index: IndexId, key: IndexKey, id: string): void {
    let entries = this.#entries.get(index);
    if (entries === undefined) this.#entries.set(index, (entries = new SortedMap()));
    entries.set(key, id);
  }

  deleteEntry(index: IndexId, key: IndexKey): void {
    this.#entries.get(index)?.delete(key);
  }

  /** Most tests never search: the database for it is opened when the first search index is made. */
  get search(): SearchStorage {
    this.#searchDatabase ??= new Database(":memory:");
    this.#search ??= new Fts5Search(this.#searchDatabase);
    return this.#search;
  }

  flush(): void {
    // There is nothing more durable than this memory.
  }

  beginFlush(): null {
    return null;
  }

  close(): void {
    this.#searchDatabase?.close();
    this.#searchDatabase = null;
  }
}
