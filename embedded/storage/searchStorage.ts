/**
 * Full-text search by SQLite's FTS5, in the data file or in memory. An index is a table of its own that holds no
 * text, only which document has which words; they are split here (`searchTerms.ts`), so that the words of
 * the index and those that decide whether a subscription is touched are the same ones.
 */
import { createHash } from "node:crypto";
import type Database from "libsql";
import type { IndexKey } from "../values/indexKey.ts";
import { Statements } from "./statements.ts";
import type {
  IndexId,
  SearchEntry,
  SearchHit,
  SearchRequest,
  SearchStorage,
  UncommittedEntries,
} from "./types.ts";

const SAVEPOINT = "uncommitted_search";
/** Bytes. The value of a filter field that is longer is indexed by its hash, as Convex does. */
const MAX_FILTER_KEY_LENGTH = 32;

export class Fts5Search implements SearchStorage {
  readonly #database: Database.Database;
  readonly #statements: Statements;
  readonly #beforeWrite: () => void;
  /** Stays set if the code was ended in the middle of a search. */
  #savepointOpen = false;

  /** `beforeWrite` runs before anything is written, so that a transaction is open by then. */
  constructor(database: Database.Database, beforeWrite: () => void = () => undefined) {
    this.#database = database;
    this.#statements = new Statements(database);
    this.#beforeWrite = beforeWrite;
  }

  create(index: IndexId): void {
    this.#prepareWrite();
    // The `ascii` tokenizer splits at spaces only, given that the terms hold no other ASCII punctuation.
    this.#database.exec(
      `CREATE VIRTUAL TABLE IF NOT EXISTS search_${index}
         USING fts5(terms, filters, tokenize = 'ascii', content = '', contentless_delete = 1);
       CREATE TABLE IF NOT EXISTS search_${index}_documents
         (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, creation_time REAL NOT NULL);`,
    );
  }

  drop(index: IndexId): void {
    this.#prepareWrite();
    this.#database.exec(`DROP TABLE search_${index}; DROP TABLE search_${index}_documents;`);
  }

  put(index: IndexId, entry: SearchEntry): void {
    this.#prepareWrite();
    this.#put(index, entry);
  }

  delete(index: IndexId, id: string): void {
    this.#prepareWrite();
    this.#delete(index, id);
  }

  find(index: IndexId, request: SearchRequest, uncommitted: UncommittedEntries): SearchHit[] {
    this.settle();
    if (uncommitted.removed.length === 0 && uncommitted.added.length === 0) return this.#find(index, request);
    // What the transaction has written is put in for the length of this search, and taken back.
    this.#savepointOpen = true;
    this.#database.exec(`SAVEPOINT ${SAVEPOINT}`);
    try {
      for (const id of uncommitted.removed) this.#delete(index, id);
      for (const entry of uncommitted.added) this.#put(index, entry);
      return this.#find(index, request);
    } finally {
      this.settle();
    }
  }

  /** Takes back what a search that was ended half-way has left. Must come before anything is committed. */
  settle(): void {
    if (!this.#savepointOpen) return;
    try {
      this.#database.exec(`ROLLBACK TO ${SAVEPOINT}; RELEASE ${SAVEPOINT};`);
    } catch (error) {
      // It was ended just before the savepoint was set.
      if (!(error instanceof Error && error.message.includes("no such savepoint"))) throw error;
    }
    this.#savepointOpen = false;
  }

  #find(index: IndexId, request: SearchRequest): SearchHit[] {
    const words = request.terms.map((term) => `"${term}"`);
    if (request.prefix !== null) words.push(`"${request.prefix}" *`);
    if (words.length === 0) return [];
    let match = `terms : (${words.join(" OR ")})`;
    for (const { field, key } of request.filters) match += ` AND filters : "${filterTerm(field, key)}"`;
    // Only the terms weigh: a filter has no part in the ranking.
    const rows = this.#statements.all(
      `SELECT d.id, bm25(search_${index}, 1.0, 0.0) AS score, d.creation_time
         FROM search_${index} JOIN search_${index}_documents d ON d.number = search_${index}.rowid
        WHERE search_${index} MATCH ? ORDER BY score, d.creation_time DESC LIMIT ?`,
      [match, request.limit],
    );
    return rows.map(([id, rank, creationTime]) => ({
      id: id as string,
      rank: rank as number,
      creationTime: creationTime as number,
    }));
  }

  #put(index: IndexId, entry: SearchEntry): void {
    this.#delete(index, entry.id);
    this.#statements.run(`INSERT INTO search_${index}_documents (id, creation_time) VALUES (?, ?)`, [
      entry.id,
      entry.creationTime,
    ]);
    this.#statements.run(
      `INSERT INTO search_${index} (rowid, terms, filters)
       VALUES ((SELECT number FROM search_${index}_documents WHERE id = ?), ?, ?)`,
      [entry.id, entry.terms.join(" "), entry.filters.map((key, field) => filterTerm(field, key)).join(" ")],
    );
  }

  #delete(index: IndexId, id: string): void {
    this.#statements.run(
      `DELETE FROM search_${index} WHERE rowid = (SELECT number FROM search_${index}_documents WHERE id = ?)`,
      [id],
    );
    this.#statements.run(`DELETE FROM search_${index}_documents WHERE id = ?`, [id]);
  }

  #prepareWrite(): void {
    this.settle();
    this.#beforeWrite();
  }
}

/** One word that stands for "this field has this value". */
function filterTerm(field: number, key: IndexKey): string {
  const bytes = Buffer.from(key, "latin1");
  const short = bytes.length <= MAX_FILTER_KEY_LENGTH ? bytes : createHash("sha256").update(bytes).digest();
  return `f${field}x${short.toString("hex")}`;
}
