/**
 * What the database asks of a storage: rows in order, and nothing about what is in them. Everything is
 * synchronous. What is written is seen by the next read, and is durable after the next `flush`.
 */
import type { IndexKey, KeyRange } from "../values/indexKey.ts";

export type Order = "asc" | "desc";

/** Numbers that the database gives its tables and indexes; they are never used twice. */
export type TableId = number;
export type IndexId = number;

/** `component` and `name` are unique together. `number` is the one in the ids of its documents. */
export type TableRow = {
  id: TableId;
  component: string;
  name: string;
  number: number;
  /** How many documents it holds. */
  documents: number;
  /** JSON text of the validator that all its documents fit, or `null`. */
  validator: string | null;
};

export type IndexRow = {
  id: IndexId;
  table: TableId;
  name: string;
  staged: boolean;
  definition:
    | { kind: "database"; fields: string[] }
    | { kind: "search"; searchField: string; filterFields: string[] }
    | { kind: "vector"; vectorField: string; dimensions: number; filterFields: string[] };
};

/** A document as JSON text, and its size in bytes as Convex counts them. */
export type StoredDocument = { readonly text: string; readonly size: number };

/** A document found by a scan, with its key in the index that was scanned. */
export type ScannedRow = { key: IndexKey; id: string; document: StoredDocument };

/** All ids `i` with `start <= i < end`. */
export type IdRange = { readonly start: string; readonly end: string };

export interface Storage {
  tables(): TableRow[];
  indexes(): IndexRow[];
  putTable(row: TableRow): void;
  /** The same table, with another number of documents. */
  putTableSize(id: TableId, documents: number): void;
  putIndex(row: IndexRow): void;
  /** Removes an index and all its entries. */
  dropIndex(index: IndexRow): void;
  setting(name: string): string | null;
  putSetting(name: string, value: string): void;

  document(table: TableId, id: string): StoredDocument | null;
  /** The first `limit` documents of a range of ids. `key` of each row is its id. */
  scanDocuments(table: TableId, range: IdRange, order: Order, limit: number): ScannedRow[];
  /** The first `limit` documents of a range of an index of that table. */
  scanIndex(table: TableId, index: IndexId, range: KeyRange, order: Order, limit: number): ScannedRow[];
  putDocument(table: TableId, id: string, document: StoredDocument): void;
  deleteDocument(table: TableId, id: string): void;
  putEntry(index: IndexId, key: IndexKey, id: string): void;
  deleteEntry(index: IndexId, key: IndexKey): void;

  readonly search: SearchStorage;
  readonly vectors: VectorStorage;

  /** Makes all that was written durable, by one fsync. */
  flush(): void;
  /**
   * As `flush`, but this thread does not wait for the disk: resolves when all that was written before the call is durable;
   * `null` if it is at once. Rejects with a `StorageError` if it cannot be.
   */
  beginFlush(): Promise<void> | null;
  /** Lets go of the files. What was not flushed is lost. */
  close(): void;
}

/** A document as a search index holds it. `terms` in the order of the text, repetitions included. */
export type SearchEntry = {
  id: string;
  creationTime: number;
  terms: readonly string[];
  /** For each filter field, the key of its value. */
  filters: readonly IndexKey[];
};

/** Documents that hold at least one of `terms`, or a term that begins with `prefix`, and pass all `filters`. */
export type SearchRequest = {
  terms: readonly string[];
  prefix: string | null;
  filters: readonly { field: number; key: IndexKey }[];
  limit: number;
};

/** A better match has a lower `rank`. */
export type SearchHit = { id: string; rank: number; creationTime: number };

/** Changes that a search shall see although they are not committed. */
export type UncommittedEntries = { removed: readonly string[]; added: readonly SearchEntry[] };

export interface SearchStorage {
  /** Best match first; among equals, the newest. */
  find(index: IndexId, request: SearchRequest, uncommitted: UncommittedEntries): SearchHit[];
  put(index: IndexId, entry: SearchEntry): void;
  delete(index: IndexId, id: string): void;
  create(index: IndexId): void;
  drop(index: IndexId): void;
}

/** A document as a vector index holds it. */
export type VectorEntry = {
  id: string;
  /** Of length 1, or of zeros only. Not to be changed. */
  vector: Float32Array;
  /** For each filter field, what stands for its value: equal for equal values. */
  filters: readonly string[];
};

export interface VectorStorage {
  /** The first `limit` entries whose id is greater than `after`, in the order of their ids. */
  scan(index: IndexId, after: string, limit: number): VectorEntry[];
  put(index: IndexId, entry: VectorEntry): void;
  delete(index: IndexId, id: string): void;
}

/** Why a data file cannot be used. The message is one sentence for the person who started the server. */
export class StorageError extends Error {
  override name = "StorageError";
  constructor(
    readonly reason: "notWritable" | "inUse" | "notOurs" | "newerFormat" | "damaged" | "writeFailed",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
