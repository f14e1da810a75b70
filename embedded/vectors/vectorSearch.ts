/**
 * The vector indexes of a database. What is kept is in the storage; an index is read into memory at its first search, in
 * short turns, and from then on follows the commits. A start reads nothing, and who never searches pays no memory.
 */
import type { VectorIndex } from "../database/catalog.ts";
import { afterIo } from "../engine/turns.ts";
import { UserError } from "../functions/types.ts";
import type { IndexId, Storage, VectorEntry } from "../storage/types.ts";
import { VectorTable, type VectorHit, type VectorRequest } from "./vectorTable.ts";

/** Bytes of vectors that are read in one turn of the event loop. */
const TURN_BYTES = 1024 * 1024;

type Loaded = { readonly table: VectorTable; readonly whenFilled: Promise<void> };

export class VectorSearch {
  readonly #storage: Storage;
  readonly #loaded = new Map<IndexId, Loaded>();

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Follows a commit: what the index holds of a document now. */
  changed(index: VectorIndex, id: string, entry: VectorEntry | null): void {
    if (entry === null) this.#storage.vectors.delete(index.id, id);
    else this.#storage.vectors.put(index.id, entry);
    const loaded = this.#loaded.get(index.id);
    if (loaded === undefined) return;
    try {
      if (entry === null) loaded.table.delete(id);
      else loaded.table.put(entry);
    } catch {
      // Out of memory: the next search reads the index anew, and says so if it fails.
      this.#loaded.delete(index.id);
    }
  }

  /** Lets go of the indexes that are no more. */
  keepOnly(indexes: ReadonlySet<IndexId>): void {
    for (const id of this.#loaded.keys()) if (!indexes.has(id)) this.#loaded.delete(id);
  }

  /** Throws a `UserError` if the index does not fit into memory. */
  async search(index: VectorIndex, request: VectorRequest): Promise<VectorHit[]> {
    let loaded = this.#loaded.get(index.id);
    if (loaded === undefined) {
      const table = new VectorTable(index.dimensions, index.filterFields.length);
      loaded = { table, whenFilled: this.#fill(index, table) };
      this.#loaded.set(index.id, loaded);
      void loaded.whenFilled.catch(() => {
        if (this.#loaded.get(index.id)?.table === table) this.#loaded.delete(index.id);
      });
    }
    await loaded.whenFilled;
    return loaded.table.search(request);
  }

  /** What is committed meanwhile is put by `changed`; reading it again changes nothing. */
  async #fill(index: VectorIndex, table: VectorTable): Promise<void> {
    const perTurn = Math.ceil(TURN_BYTES / (4 * index.dimensions));
    let after = "";
    for (;;) {
      const entries = this.#storage.vectors.scan(index.id, after, perTurn);
      for (const entry of entries) putOrRefuse(table, entry, index);
      const last = entries.at(-1);
      if (last === undefined || entries.length < perTurn) return;
      after = last.id;
      await new Promise<void>((resolve) => afterIo(resolve));
      if (this.#loaded.get(index.id)?.table !== table) {
        throw new UserError(`Index ${index.label} was removed while it was searched.`, "IndexNotFoundError");
      }
    }
  }
}

function putOrRefuse(table: VectorTable, entry: VectorEntry, index: VectorIndex): void {
  try {
    table.put(entry);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(
      `Vector index ${index.label} does not fit into memory: it takes 5 bytes a dimension for each of its vectors, and may ` +
        "take 20 GiB. Remove documents, or use fewer dimensions.",
      "VectorIndexTooLarge",
    );
  }
}
