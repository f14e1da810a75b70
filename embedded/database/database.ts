/**
 * The database: gives out transactions, applies what they wrote to the storage, and keeps time. Functions run
 * one at a time, so that a commit always follows the snapshot its transaction read; there is nothing to retry, unless
 * commits are held back (`engine/cloud/`).
 */
import { clock } from "../clock.ts";
import type { JSONValue } from "convex/values";
import { UserError } from "../functions/types.ts";
import type { Storage } from "../storage/types.ts";
import { hasCommitTs, resolveCommitTs } from "../values/commitTs.ts";
import type { JsonObject } from "../values/json.ts";
import { sameEntry, vectorEntry } from "../vectors/vectorEntry.ts";
import { parseVectorQuery, targetOf } from "../vectors/vectorQuery.ts";
import { VectorSearch } from "../vectors/vectorSearch.ts";
import {
  Catalog,
  documentKey,
  searchEntry,
  type SearchIndex,
  type Table,
  type VectorIndex,
} from "./catalog.ts";
import type { Document, PendingWrite } from "./overlay.ts";
import { checkSchema, pushSchemas, updateSystemTables } from "./pushSchema.ts";
import { Writes } from "./readWriteSets.ts";
import { DatabaseTransaction } from "./transaction.ts";
import type { BeforeWrite, Commit, ComponentPath, Database, SchemaJson, Transaction } from "./types.ts";

const NS_PER_MS = 1_000_000n;
/**
 * Milliseconds between the creation times of two documents made in the same millisecond: a power of two, and large
 * enough to change a double of today's size.
 */
const CREATION_TIME_STEP = 2 ** -11;

const COMMIT_TS = "commitTs";
const CREATION_TIME = "creationTime";

export function openDatabase(storage: Storage): Database {
  return new StorageDatabase(storage);
}

class StorageDatabase implements Database {
  readonly storage: Storage;
  readonly catalog: Catalog;
  readonly #vectors: VectorSearch;
  #ts: bigint;
  #creationTime: number;
  #schemaVersion = 0;
  /** Tables whose number of documents has changed since the last flush. */
  readonly #resized = new Set<Table>();
  #unflushed = false;
  readonly #writeListeners = new Set<BeforeWrite>();
  /** Stays set if a commit was ended half-way: what is stored is then unknown, and nothing may build on it. */
  #committing = false;

  constructor(storage: Storage) {
    this.storage = storage;
    this.catalog = new Catalog(storage);
    this.#vectors = new VectorSearch(storage);
    this.#ts = BigInt(storage.setting(COMMIT_TS) ?? 0);
    this.#creationTime = Number(storage.setting(CREATION_TIME) ?? 0);
    updateSystemTables(this);
  }

  get ts(): bigint {
    return this.#ts;
  }

  begin(kind: "query" | "mutation"): Transaction {
    this.#checkSound();
    return new DatabaseTransaction(this, kind, this.#ts);
  }

  get schemaVersion(): number {
    return this.#schemaVersion;
  }

  indexFields(component: ComponentPath, table: string, index: string): readonly string[] {
    const found = this.catalog.find(component, table)?.indexes.get(index);
    return found?.kind === "database" ? found.fields : [];
  }

  commit(transaction: Transaction, isolation: "serial" | "validated" = "serial"): Commit | null {
    this.#checkSound();
    if (!(transaction instanceof DatabaseTransaction))
      throw new TypeError("Not a transaction of this database");
    if (isolation === "serial") transaction.checkCurrent();
    const { overlay } = transaction;
    if (overlay.isEmpty) return null;
    const writes = new Writes();
    const ts = later(BigInt(clock.now()) * NS_PER_MS, this.#ts);
    this.#committing = true;
    for (const [table, { writes: tableWrites }] of overlay.tables()) {
      for (const [id, write] of tableWrites) this.#apply(table, id, withCommitTs(write, ts), writes);
    }
    this.#committing = false;
    if (writes.isEmpty) return null;
    this.#ts = ts;
    this.#unflushed = true;
    return { ts: this.#ts, writes };
  }

  flush(): void {
    this.#prepareFlush();
    this.storage.flush();
  }

  beginFlush(): Promise<void> | null {
    this.#prepareFlush();
    return this.storage.beginFlush();
  }

  #prepareFlush(): void {
    this.#checkSound();
    if (!this.#unflushed) return;
    for (const table of this.#resized) this.catalog.saveSize(table);
    this.#resized.clear();
    this.storage.putSetting(COMMIT_TS, String(this.#ts));
    this.storage.putSetting(CREATION_TIME, String(this.#creationTime));
    this.#unflushed = false;
  }

  pushSchema(schemas: ReadonlyMap<ComponentPath, SchemaJson | null>): void {
    this.#checkSound();
    this.#schemaVersion++;
    pushSchemas(this, schemas);
    this.#vectors.keepOnly(this.catalog.indexIds());
    this.flush();
  }

  onWrite(listener: BeforeWrite): () => void {
    this.#writeListeners.add(listener);
    return () => this.#writeListeners.delete(listener);
  }

  checkSchema(component: ComponentPath, schema: SchemaJson | null): void {
    this.#checkSound();
    checkSchema(this, component, schema);
  }

  async vectorSearch(component: ComponentPath, query: JSONValue): Promise<{ _id: string; _score: number }[]> {
    this.#checkSound();
    const target = targetOf(query);
    const table = this.catalog.find(component, target.table);
    if (table === null) return [];
    const index = enabledVectorIndex(table, target.index);
    const hits = await this.#vectors.search(index, parseVectorQuery(index, query));
    return hits.map(({ id, score }) => ({ _id: id, _score: score }));
  }

  close(): void {
    try {
      // Half of a commit must not become durable.
      if (!this.#committing) this.flush();
    } finally {
      this.storage.close();
    }
  }

  nextCreationTime(): number {
    this.#creationTime = Math.max(clock.now(), this.#creationTime + CREATION_TIME_STEP);
    return this.#creationTime;
  }

  #apply(table: Table, id: string, { before, after }: PendingWrite, writes: Writes): void {
    // Made and removed again in the same transaction, or changed and changed back.
    if (before?.text === after?.text) return;
    const { row } = table;
    for (const listener of this.#writeListeners) listener(row.component, row.name, id, before?.text ?? null);
    if (after === null) this.storage.deleteDocument(row.id, id);
    else this.storage.putDocument(row.id, id, after);
    for (const index of table.indexes.values()) {
      if (index.kind === "search") {
        this.#applySearch(index, id, before, after, writes);
        continue;
      }
      if (index.kind === "vector") {
        this.#applyVector(index, id, before, after);
        continue;
      }
      const oldKey = before === null ? null : documentKey(index, before.value);
      const newKey = after === null ? null : documentKey(index, after.value);
      if (index.id !== null && oldKey !== newKey) {
        if (oldKey !== null) this.storage.deleteEntry(index.id, oldKey);
        if (newKey !== null) this.storage.putEntry(index.id, newKey, id);
      }
      // The same key also counts: who read it has read the document.
      if (oldKey !== null) writes.addKey(index.scope, oldKey);
      if (newKey !== null && newKey !== oldKey) writes.addKey(index.scope, newKey);
    }
    if ((before === null) !== (after === null)) {
      row.documents += before === null ? 1 : -1;
      this.#resized.add(table);
    }
  }

  #applySearch(
    index: SearchIndex,
    id: string,
    before: Document | null,
    after: Document | null,
    writes: Writes,
  ): void {
    const oldEntry = before === null ? null : searchEntry(index, before.value);
    const newEntry = after === null ? null : searchEntry(index, after.value);
    for (const entry of [oldEntry, newEntry]) {
      if (entry !== null)
        writes.addSearch(index.scope, { terms: new Set(entry.terms), filters: entry.filters });
    }
    if (oldEntry !== null && newEntry === null) this.storage.search.delete(index.id, id);
    // A document whose text and filters are as before is found as before.
    if (newEntry !== null && JSON.stringify(newEntry) !== JSON.stringify(oldEntry)) {
      this.storage.search.put(index.id, newEntry);
    }
  }

  /** Nothing can be subscribed to a vector search: only actions make them. */
  #applyVector(index: VectorIndex, id: string, before: Document | null, after: Document | null): void {
    const oldEntry = before === null ? null : vectorEntry(index, before.value);
    const newEntry = after === null ? null : vectorEntry(index, after.value);
    if (!sameEntry(oldEntry, newEntry)) this.#vectors.changed(index, id, newEntry);
  }

  #checkSound(): void {
    if (this.#committing) {
      throw new Error("A commit was interrupted: restart the backend to go on from the last durable state");
    }
  }
}

function withCommitTs(write: PendingWrite, ts: bigint): PendingWrite {
  const { after } = write;
  if (after === null || !hasCommitTs(after.text)) return write;
  const text = resolveCommitTs(after.text, ts);
  return { ...write, after: { text, size: after.size, value: JSON.parse(text) as JsonObject } };
}

function enabledVectorIndex(table: Table, name: string): VectorIndex {
  const label = `${table.row.name}.${name}`;
  const index = table.indexes.get(name);
  if (index === undefined) throw new UserError(`Index ${label} not found.`, "IndexNotFoundError");
  if (index.kind !== "vector") {
    throw new UserError(`Index ${label} is not a vector index`, "IndexNotAVectorIndex");
  }
  if (index.staged) {
    throw new UserError(
      `Index ${label} is currently staged and not available to query until it is enabled.`,
      "IndexStagedError",
    );
  }
  return index;
}

function later(time: bigint, last: bigint): bigint {
  return time > last ? time : last + 1n;
}
