/**
 * The storage in a SQLite file. One write transaction is open from the first write after a `flush` to the next:
 * all commits in between share one fsync. Reads see what it holds; after a crash none of it has happened.
 */
import type Database from "libsql";
import { AFTER_ALL_KEYS, type IndexKey, type KeyRange } from "../values/indexKey.ts";
import { DocumentCache } from "./documentCache.ts";
import { Fts5Search } from "./searchStorage.ts";
import { openSqliteFile, type OpenFile } from "./sqliteFile.ts";
import { Statements, type SqlValue } from "./statements.ts";
import { SqliteVectors } from "./vectorStorage.ts";
import type { Pool, WriteAheadLog } from "./writeAheadLog.ts";
import {
  StorageError,
  type IdRange,
  type IndexId,
  type IndexRow,
  type Order,
  type ScannedRow,
  type Storage,
  type StoredDocument,
  type TableId,
  type TableRow,
} from "./types.ts";

/** Above all keys, whose first byte is a tag below 0x20. */
const AFTER_ALL_BLOBS = Buffer.from([0xff]);

/**
 * Opens or creates the file. Throws a `StorageError` if it cannot be used. A file of up to `maxCheckedBytes` is read whole.
 * `pool` is for tests.
 */
export function openSqliteStorage(file: string, maxCheckedBytes?: number, pool?: Pool): Storage {
  return new SqliteStorage(file, openSqliteFile(file, maxCheckedBytes, pool));
}

type State =
  { kind: "idle" } | { kind: "writing" } | { kind: "failed"; error: StorageError } | { kind: "closed" };

class SqliteStorage implements Storage {
  readonly search: Fts5Search;
  readonly vectors: SqliteVectors;
  readonly #file: string;
  readonly #database: Database.Database;
  /** Null where a COMMIT is durable by itself. */
  readonly #log: WriteAheadLog | null;
  readonly #release: () => void;
  readonly #statements: Statements;
  readonly #cache = new DocumentCache();
  #state: State = { kind: "idle" };

  constructor(file: string, { database, log, release }: OpenFile) {
    this.#file = file;
    this.#database = database;
    this.#log = log;
    this.#release = release;
    this.#statements = new Statements(database);
    this.search = new Fts5Search(database, () => {
      this.#beginWrite();
    });
    this.vectors = new SqliteVectors(database, (work) => {
      this.#beginWrite();
      this.#attempt(work);
    });
  }

  tables(): TableRow[] {
    const rows = this.#statements.all(
      "SELECT id, component, name, number, documents, validator FROM tables",
      [],
    );
    return rows.map(([id, component, name, number, documents, validator]) => ({
      id: id as number,
      component: component as string,
      name: name as string,
      number: number as number,
      documents: documents as number,
      validator: validator as string | null,
    }));
  }

  indexes(): IndexRow[] {
    const rows = this.#statements.all("SELECT id, table_id, name, staged, definition FROM indexes", []);
    return rows.map(([id, table, name, staged, definition]) => ({
      id: id as number,
      table: table as number,
      name: name as string,
      staged: staged === 1,
      definition: JSON.parse(definition as string) as IndexRow["definition"],
    }));
  }

  putTable(row: TableRow): void {
    this.#write("INSERT OR REPLACE INTO tables VALUES (?, ?, ?, ?, ?, ?)", [
      row.id,
      row.component,
      row.name,
      row.number,
      row.documents,
      row.validator,
    ]);
  }

  putTableSize(id: TableId, documents: number): void {
    this.#write("UPDATE tables SET documents = ? WHERE id = ?", [documents, id]);
  }

  putIndex(row: IndexRow): void {
    this.#write("INSERT OR REPLACE INTO indexes VALUES (?, ?, ?, ?, ?)", [
      row.id,
      row.table,
      row.name,
      Number(row.staged),
      JSON.stringify(row.definition),
    ]);
    if (row.definition.kind === "search") this.search.create(row.id);
    if (row.definition.kind === "vector") this.vectors.create(row.id);
  }

  dropIndex(index: IndexRow): void {
    this.#write("DELETE FROM indexes WHERE id = ?", [index.id]);
    this.#write("DELETE FROM entries WHERE index_id = ?", [index.id]);
    if (index.definition.kind === "search") this.search.drop(index.id);
    if (index.definition.kind === "vector") this.vectors.drop(index.id);
  }

  setting(name: string): string | null {
    const row = this.#statements.get("SELECT value FROM settings WHERE name = ?", [name]);
    return (row?.[0] as string | undefined) ?? null;
  }

  putSetting(name: string, value: string): void {
    this.#write("INSERT OR REPLACE INTO settings VALUES (?, ?)", [name, value]);
  }

  document(table: TableId, id: string): StoredDocument | null {
    const kept = this.#cache.find(table, id);
    if (kept !== null) return kept;
    const row = this.#statements.get("SELECT json, size FROM documents WHERE table_id = ? AND id = ?", [
      table,
      id,
    ]);
    if (row === null) return null;
    const document = { text: row[0] as string, size: row[1] as number };
    this.#cache.keep(table, id, document);
    return document;
  }

  scanDocuments(table: TableId, range: IdRange, order: Order, limit: number): ScannedRow[] {
    const rows = this.#statements.all(
      `SELECT id, json, size FROM documents WHERE table_id = ? AND id >= ? AND id < ? ORDER BY id ${order} LIMIT ?`,
      [table, range.start, range.end, limit],
    );
    return rows.map(([id, text, size]) => ({
      key: id as string,
      id: id as string,
      document: { text: text as string, size: size as number },
    }));
  }

  scanIndex(table: TableId, index: IndexId, range: KeyRange, order: Order, limit: number): ScannedRow[] {
    // As text: a blob would come as a `Buffer` of its own, which costs as much as the rest of the row.
    const rows = this.#statements.all(
      `SELECT hex(e.key), e.id, d.json, d.size FROM entries e JOIN documents d ON d.table_id = ? AND d.id = e.id
        WHERE e.index_id = ? AND e.key >= ? AND e.key < ? ORDER BY e.key ${order} LIMIT ?`,
      [table, index, toBlob(range.start), toBlob(range.end), limit],
    );
    return rows.map(([key, id, text, size]) => ({
      key: Buffer.from(key as string, "hex").toString("latin1"),
      id: id as string,
      document: { text: text as string, size: size as number },
    }));
  }

  putDocument(table: TableId, id: string, document: StoredDocument): void {
    this.#cache.forget(table, id);
    this.#write("INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)", [
      table,
      id,
      document.size,
      document.text,
    ]);
  }

  deleteDocument(table: TableId, id: string): void {
    this.#cache.forget(table, id);
    this.#write("DELETE FROM documents WHERE table_id = ? AND id = ?", [table, id]);
  }

  putEntry(index: IndexId, key: IndexKey, id: string): void {
    this.#write("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", [index, toBlob(key), id]);
  }

  deleteEntry(index: IndexId, key: IndexKey): void {
    this.#write("DELETE FROM entries WHERE index_id = ? AND key = ?", [index, toBlob(key)]);
  }

  flush(): void {
    const log = this.#log;
    if (this.#commit() || log?.isSyncing === true) this.#attempt(() => log?.syncNow());
  }

  beginFlush(): Promise<void> | null {
    if (!this.#commit() || this.#log === null) return null;
    return this.#log.syncSoon().catch((error: unknown) => {
      throw this.#fail(error);
    });
  }

  /** Was there something to commit? It is durable when the log has been synced. */
  #commit(): boolean {
    if (this.#state.kind === "idle") return false;
    this.#beginWrite();
    this.#attempt(() => {
      this.#database.exec("COMMIT");
    });
    this.#state = { kind: "idle" };
    return true;
  }

  close(): void {
    if (this.#state.kind === "closed") return;
    try {
      // An open transaction would hold the file: the connection lives on until its statements are collected.
      if (this.#database.inTransaction) this.#database.exec("ROLLBACK");
      else if (this.#state.kind !== "failed") this.#statements.all("PRAGMA wal_checkpoint(TRUNCATE)", []);
    } finally {
      this.#state = { kind: "closed" };
      this.#log?.close();
      this.#database.close();
      this.#release();
    }
  }

  #write(sql: string, parameters: SqlValue[]): void {
    this.#beginWrite();
    this.#attempt(() => {
      this.#statements.run(sql, parameters);
    });
  }

  #beginWrite(): void {
    switch (this.#state.kind) {
      case "idle":
        this.search.settle();
        this.#attempt(() => {
          // Already open if the code was ended just after it began.
          if (!this.#database.inTransaction) this.#database.exec("BEGIN IMMEDIATE");
        });
        this.#state = { kind: "writing" };
        return;
      case "writing":
        this.search.settle();
        return;
      case "failed":
        throw this.#state.error;
      case "closed":
        throw new StorageError("writeFailed", `${this.#file} is closed.`);
      default:
        this.#state satisfies never;
    }
  }

  /**
   * A write that fails (a full disk) may have undone the whole group. What is in memory is then ahead of the
   * file, so nothing more is written: who opens it again begins at the last flush.
   */
  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #fail(cause: unknown): StorageError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const error = new StorageError(
      "writeFailed",
      `${this.#file} could not be written (${reason}): nothing more is stored until it is opened again.`,
      { cause },
    );
    // What was written since the last commit may be undone.
    this.#cache.clear();
    if (this.#state.kind !== "closed") this.#state = { kind: "failed", error };
    return error;
  }
}

function toBlob(key: IndexKey): Buffer {
  return key === AFTER_ALL_KEYS ? AFTER_ALL_BLOBS : Buffer.from(key, "latin1");
}
