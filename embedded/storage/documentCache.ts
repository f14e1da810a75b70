import type { StoredDocument, TableId } from "./types.ts";

/** Characters of all documents that are kept, and of the largest one. */
const MAX_CHARS = 4 * 1024 * 1024;
const MAX_DOCUMENT_CHARS = 32 * 1024;

/**
 * The documents that were last read by their ids: a statement of SQLite costs some twenty microseconds, and the rows that say whether a session or a
 * run is still there are read many times a second. Nobody else writes the file, so what is kept is true as long as each write is told.
 */
export class DocumentCache {
  /** The longest unused comes first. */
  readonly #documents = new Map<string, StoredDocument>();
  #chars = 0;

  find(table: TableId, id: string): StoredDocument | null {
    const key = keyOf(table, id);
    const document = this.#documents.get(key);
    if (document === undefined) return null;
    this.#documents.delete(key);
    this.#documents.set(key, document);
    return document;
  }

  /** It was read. */
  keep(table: TableId, id: string, document: StoredDocument): void {
    if (document.text.length > MAX_DOCUMENT_CHARS) return;
    this.forget(table, id);
    this.#documents.set(keyOf(table, id), document);
    this.#chars += document.text.length;
    for (const key of this.#documents.keys()) {
      if (this.#chars <= MAX_CHARS) return;
      this.#remove(key);
    }
  }

  /** It is written, or removed. */
  forget(table: TableId, id: string): void {
    this.#remove(keyOf(table, id));
  }

  clear(): void {
    this.#documents.clear();
    this.#chars = 0;
  }

  #remove(key: string): void {
    const document = this.#documents.get(key);
    if (document === undefined) return;
    this.#documents.delete(key);
    this.#chars -= document.text.length;
  }
}

const keyOf = (table: TableId, id: string): string => `${table} ${id}`;
