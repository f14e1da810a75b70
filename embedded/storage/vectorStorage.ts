/**
 * Vectors as they are kept: a table for each vector index, beside the documents that they are copied from. They could
 * be read out of the documents, but a document's text has three to five times their bytes and must be parsed.
 */
import type Database from "libsql";
import { Statements } from "./statements.ts";
import type { IndexId, VectorEntry, VectorStorage } from "./types.ts";

/** The version of the data format that has vector indexes. Files without one can still be read by older versions. */
const VECTOR_FORMAT_VERSION = 2;

export class SqliteVectors implements VectorStorage {
  readonly #database: Database.Database;
  readonly #statements: Statements;
  readonly #write: (work: () => void) => void;

  /** `write` runs what it is given within the open write transaction, and notes a failure. */
  constructor(database: Database.Database, write: (work: () => void) => void) {
    this.#database = database;
    this.#statements = new Statements(database);
    this.#write = write;
  }

  create(index: IndexId): void {
    this.#write(() => {
      this.#database.exec(
        `CREATE TABLE IF NOT EXISTS vectors_${index}
           (id TEXT PRIMARY KEY, filters TEXT NOT NULL, vector BLOB NOT NULL)`,
      );
      const version = Number(this.#statements.get("PRAGMA user_version", [])?.[0]);
      if (version < VECTOR_FORMAT_VERSION)
        this.#database.exec(`PRAGMA user_version = ${VECTOR_FORMAT_VERSION}`);
    });
  }

  drop(index: IndexId): void {
    this.#write(() => {
      this.#database.exec(`DROP TABLE vectors_${index}`);
    });
  }

  put(index: IndexId, { id, vector, filters }: VectorEntry): void {
    const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
    this.#write(() => {
      this.#statements.run(`INSERT OR REPLACE INTO vectors_${index} VALUES (?, ?, ?)`, [
        id,
        JSON.stringify(filters),
        bytes,
      ]);
    });
  }

  delete(index: IndexId, id: string): void {
    this.#write(() => {
      this.#statements.run(`DELETE FROM vectors_${index} WHERE id = ?`, [id]);
    });
  }

  scan(index: IndexId, after: string, limit: number): VectorEntry[] {
    const rows = this.#statements.all(
      `SELECT id, filters, vector FROM vectors_${index} WHERE id > ? ORDER BY id LIMIT ?`,
      [after, limit],
    );
    return rows.map(([id, filters, vector]) => ({
      id: id as string,
      filters: JSON.parse(filters as string) as string[],
      vector: toFloats(vector as Buffer),
    }));
  }
}

/** A copy: what comes from SQLite may lie at an address that is no multiple of four. */
function toFloats(bytes: Buffer): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer);
}
