/**
 * Walks a range of an index: what is stored and what the transaction has written, merged in order. Rows are read
 * from the storage in batches; how far the walk has come, not how far it has read ahead, is what it has seen.
 */
import type { IdRange, Order, ScannedRow, Storage } from "../storage/types.ts";
import {
  AFTER_ALL_KEYS,
  isEmptyRange,
  keySuccessor,
  type IndexKey,
  type KeyRange,
} from "../values/indexKey.ts";
import { idKey, type DatabaseIndex, type Table } from "./catalog.ts";
import type { Overlay } from "./overlay.ts";
import type { Reads, ScanProgress } from "./readWriteSets.ts";

/** Rows of the first batch where nothing says how many are wanted; each further one is twice as long. */
const FIRST_BATCH = 16;
/** Documents may be 1 MiB each. */
const MAX_BATCH = 128;

export type ScanOptions = {
  storage: Storage;
  overlay: Overlay;
  reads: Reads;
  table: Table;
  index: DatabaseIndex;
  range: KeyRange;
  order: Order;
  /** How many rows will be asked for, if that is known. */
  expected?: number | undefined;
};

export class IndexScan {
  readonly #options: ScanOptions;
  #batch: ScannedRow[] = [];
  #batchPosition = 0;
  #batchSize: number;
  /** What was not yet read from the storage. */
  #unread: KeyRange;
  /** What was not yet given out. */
  #rest: KeyRange;
  readonly #progress: ScanProgress;

  constructor(options: ScanOptions) {
    this.#options = options;
    this.#batchSize = Math.min(options.expected ?? FIRST_BATCH, MAX_BATCH);
    this.#unread = options.range;
    this.#rest = options.range;
    const { start, end } = options.range;
    const { scope } = options.index;
    this.#progress = options.order === "asc" ? { scope, start, end: start } : { scope, start: end, end };
  }

  /** The next row, or `null` at the end: then all of the range counts as seen. */
  next(): ScannedRow | null {
    const { overlay, table, index, order } = this.#options;
    const stored = this.#nextStored();
    const writes = overlay.of(table);
    const written = writes?.first(index, this.#rest, order) ?? null;
    if (written !== null && (stored === null || isBefore(written.key, stored.key, order))) {
      const document = writes?.writes.get(written.id)?.after;
      if (document === undefined || document === null)
        throw new Error("A document in the order of an index is not among the writes");
      this.#advance(written.key);
      return { ...written, document };
    }
    if (stored === null) {
      const { start, end } = this.#rest;
      this.#setRest(order === "asc" ? { start: end, end } : { start, end: start });
      return null;
    }
    this.#batchPosition++;
    this.#advance(stored.key);
    return stored;
  }

  /** The next stored row that the transaction has not written to. It stays the next one. */
  #nextStored(): ScannedRow | null {
    const { overlay, table } = this.#options;
    for (;;) {
      const row = this.#batch[this.#batchPosition];
      if (row === undefined) {
        if (!this.#readBatch()) return null;
      } else if (overlay.find(table, row.id) === undefined) {
        return row;
      } else {
        this.#batchPosition++;
      }
    }
  }

  /** `false` if there is nothing more. */
  #readBatch(): boolean {
    if (isEmptyRange(this.#unread)) return false;
    const { storage, table, index, order } = this.#options;
    const size = this.#batchSize;
    this.#batch = scanStored(storage, table, index, this.#unread, order, size);
    this.#batchPosition = 0;
    this.#batchSize = Math.min(size * 2, MAX_BATCH);
    const last = this.#batch.at(-1);
    const { start, end } = this.#unread;
    if (last === undefined || this.#batch.length < size) this.#unread = { start: end, end };
    else this.#unread = order === "asc" ? { start: keySuccessor(last.key), end } : { start, end: last.key };
    return last !== undefined;
  }

  #advance(key: IndexKey): void {
    const { start, end } = this.#rest;
    this.#setRest(this.#options.order === "asc" ? { start: keySuccessor(key), end } : { start, end: key });
  }

  #setRest(rest: KeyRange): void {
    this.#rest = rest;
    if (this.#options.order === "asc") this.#progress.end = rest.start;
    else this.#progress.start = rest.end;
    this.#options.reads.trackScan(this.#progress);
  }
}

/** Rows of an index as they are stored. */
export function scanStored(
  storage: Storage,
  table: Table,
  index: DatabaseIndex,
  range: KeyRange,
  order: Order,
  limit: number,
): ScannedRow[] {
  if (index.id !== null) return storage.scanIndex(table.row.id, index.id, range, order, limit);
  const rows = storage.scanDocuments(table.row.id, toIdRange(range), order, limit);
  return rows.map((row) => ({ ...row, key: idKey(row.id) }));
}

function isBefore(a: IndexKey, b: IndexKey, order: Order): boolean {
  return order === "asc" ? a < b : a > b;
}

/** The ids whose keys lie in a range. */
function toIdRange(range: KeyRange): IdRange {
  return { start: idBound(range.start), end: idBound(range.end) };
}

/** The least string `s` such that, for every id, its key is at least `key` exactly if the id is at least `s`. */
function idBound(key: IndexKey): string {
  const tag = idKey("").charAt(0);
  if (key <= tag) return "";
  if (!key.startsWith(tag)) return AFTER_ALL_KEYS;
  const text = key.slice(1);
  const end = text.indexOf("\x00");
  if (end === -1) return text;
  // The key of an id ends with one zero byte. What goes on behind it lies after that id.
  return end === text.length - 1 ? text.slice(0, end) : text.slice(0, end) + "\x00";
}
