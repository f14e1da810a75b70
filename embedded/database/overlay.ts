/**
 * The uncommitted writes of one transaction, and how to take them back. What the storage holds does not change
 * while a transaction runs, so that these writes laid over it are exactly what the transaction sees.
 */
import type { StoredDocument } from "../storage/types.ts";
import { SortedMap } from "../storage/sortedMap.ts";
import type { IndexKey, KeyRange } from "../values/indexKey.ts";
import type { JsonObject } from "../values/json.ts";
import { documentKey, type DatabaseIndex, type Table } from "./catalog.ts";

/** A document as text and as value; `value` is not to be changed. */
export type Document = StoredDocument & {
  readonly value: JsonObject;
  /** Levels, of a document that this transaction has made. */
  readonly nesting?: number;
};

/** `before`: in the storage. `after`: as the transaction has left it. `null`: there is none. */
export type PendingWrite = { readonly before: Document | null; readonly after: Document | null };

type Undo = { table: Table; id: string; previous: PendingWrite | undefined };

export class Overlay {
  readonly #tables = new Map<Table, TableOverlay>();
  readonly #log: Undo[] = [];

  /** The write to a document, or `undefined` if it is as stored. */
  find(table: Table, id: string): PendingWrite | undefined {
    return this.#tables.get(table)?.writes.get(id);
  }

  set(table: Table, id: string, write: PendingWrite): void {
    let overlay = this.#tables.get(table);
    if (overlay === undefined) this.#tables.set(table, (overlay = new TableOverlay()));
    this.#log.push({ table, id, previous: overlay.writes.get(id) });
    overlay.set(id, write);
  }

  of(table: Table): TableOverlay | undefined {
    return this.#tables.get(table);
  }

  tables(): IterableIterator<[Table, TableOverlay]> {
    return this.#tables.entries();
  }

  get isEmpty(): boolean {
    return this.#log.length === 0;
  }

  /** A mark for `undoTo`. */
  get position(): number {
    return this.#log.length;
  }

  undoTo(position: number): void {
    while (this.#log.length > position) {
      const { table, id, previous } = this.#log.pop() as Undo;
      this.#tables.get(table)?.set(id, previous);
    }
  }
}

export class TableOverlay {
  readonly writes = new Map<string, PendingWrite>();
  /** The written documents in the order of an index, for those indexes that were read since. */
  readonly #sorted = new Map<DatabaseIndex, SortedMap<string>>();

  set(id: string, write: PendingWrite | undefined): void {
    const previous = this.writes.get(id)?.after ?? null;
    for (const [index, sorted] of this.#sorted) {
      if (previous !== null) sorted.delete(documentKey(index, previous.value));
      if (write !== undefined && write.after !== null) sorted.set(documentKey(index, write.after.value), id);
    }
    if (write === undefined) this.writes.delete(id);
    else this.writes.set(id, write);
  }

  /** The first written document in a range of an index. */
  first(index: DatabaseIndex, range: KeyRange, order: "asc" | "desc"): { key: IndexKey; id: string } | null {
    const [entry] = this.#sortedBy(index).range(range.start, range.end, order, 1);
    return entry === undefined ? null : { key: entry[0], id: entry[1] };
  }

  #sortedBy(index: DatabaseIndex): SortedMap<string> {
    let sorted = this.#sorted.get(index);
    if (sorted === undefined) {
      sorted = new SortedMap();
      for (const [id, { after }] of this.writes)
        if (after !== null) sorted.set(documentKey(index, after.value), id);
      this.#sorted.set(index, sorted);
    }
    return sorted;
  }
}
