/**
 * The vectors of one index in memory, and the search for those most similar to a query: exact, in two passes. The first
 * looks at all vectors as 8-bit codes (`scoreKernel.ts`); the second computes the real score of those that can still be
 * among the results (`quantise.ts`), mostly a few hundred.
 *
 * Memory: 5 bytes a dimension and about 200 a vector. 100,000 vectors of 1,536 dimensions take 0.8 GB.
 */
import { afterIo } from "../engine/turns.ts";
import type { VectorEntry } from "../storage/types.ts";
import { FilterColumns, type VectorFilter } from "./filterColumns.ts";
import { maxDeviation, quantise } from "./quantise.ts";
import { BATCH, ScoreKernel } from "./scoreKernel.ts";

/** Bytes of vectors that are kept in one piece. */
const BLOCK_BYTES = 4 * 1024 * 1024;
/** Bytes of codes that are looked at in one turn of the event loop: 2 to 4 ms. */
const TURN_BYTES = 64 * 1024 * 1024;

export type VectorRequest = {
  /** Of length 1, or of zeros only. */
  vector: Float32Array;
  limit: number;
  /** A vector is looked at if one of them holds, or if there are none. */
  filters: readonly VectorFilter[];
};

/** `score`: the cosine of the angle between the two vectors. */
export type VectorHit = { id: string; score: number };

/** A first pass that has not ended: slots that were written since it began. */
type Pass = { readonly written: Set<number> };

export class VectorTable {
  readonly #dimensions: number;
  readonly #kernel: ScoreKernel;
  readonly #filters: FilterColumns;
  readonly #slotsPerBlock: number;
  readonly #slotsPerTurn: number;
  readonly #blocks: Float32Array[] = [];
  /** By slot. `null`: free. */
  readonly #ids: (string | null)[] = [];
  readonly #scales: number[] = [];
  readonly #errors: number[] = [];
  readonly #slotOf = new Map<string, number>();
  readonly #free: number[] = [];
  readonly #passes = new Set<Pass>();

  /** `turnBytes`: how many bytes of codes are looked at in one turn of the event loop. */
  constructor(dimensions: number, filterFields: number, turnBytes = TURN_BYTES) {
    this.#dimensions = dimensions;
    this.#kernel = new ScoreKernel(dimensions);
    this.#filters = new FilterColumns(filterFields);
    this.#slotsPerTurn = Math.ceil(turnBytes / this.#kernel.stride);
    this.#slotsPerBlock = Math.floor(BLOCK_BYTES / (4 * dimensions));
  }

  /** Adds a vector, or replaces that of the same id. Throws a `RangeError` if there is no memory for it. */
  put({ id, vector, filters }: VectorEntry): void {
    const slot = this.#slotOf.get(id) ?? this.#free.at(-1) ?? this.#ids.length;
    const { scale, error } = quantise(vector, this.#kernel.codes(slot));
    this.#vectorAt(slot).set(vector);
    this.#scales[slot] = scale;
    this.#errors[slot] = error;
    this.#filters.set(slot, filters);
    if (this.#free.at(-1) === slot) this.#free.pop();
    this.#ids[slot] = id;
    this.#slotOf.set(id, slot);
    for (const pass of this.#passes) pass.written.add(slot);
  }

  delete(id: string): void {
    const slot = this.#slotOf.get(id);
    if (slot === undefined) return;
    this.#slotOf.delete(id);
    this.#ids[slot] = null;
    this.#filters.clear(slot);
    this.#free.push(slot);
  }

  /**
   * The `limit` vectors most similar to the query, best first; among equals the one with the greater id, as on Convex.
   * Other work has its turn in between; the result is that of one moment, the last.
   */
  async search(request: VectorRequest): Promise<VectorHit[]> {
    const query = new Int16Array(this.#kernel.stride);
    const quantised = quantise(request.vector, query);
    const pass: Pass = { written: new Set() };
    this.#passes.add(pass);
    try {
      const slots = this.#matching(request.filters);
      const products = new Int32Array(this.#ids.length);
      const perTurn = this.#slotsPerTurn;
      for (let start = 0; start < slots.length; start += perTurn) {
        if (start > 0) await new Promise<void>((resolve) => afterIo(resolve));
        this.#score(query, slots.subarray(start, start + perTurn), products);
      }
      return slots.length <= perTurn
        ? this.#best(request, quantised, slots, products)
        : this.#bestNow(request, query, quantised, products, pass);
    } finally {
      this.#passes.delete(pass);
    }
  }

  /** After a pass of several turns: what was written meanwhile is looked at again. */
  #bestNow(
    request: VectorRequest,
    query: Int16Array,
    quantised: { scale: number; error: number },
    products: Int32Array,
    { written }: Pass,
  ): VectorHit[] {
    const slots = this.#matching(request.filters);
    const current = new Int32Array(this.#ids.length);
    current.set(products);
    this.#score(
      query,
      slots.filter((slot) => written.has(slot)),
      current,
    );
    return this.#best(request, quantised, slots, current);
  }

  #matching(filters: readonly VectorFilter[]): Int32Array {
    const matches = filters.length === 0 ? () => true : this.#filters.matcher(filters);
    const slots = new Int32Array(this.#slotOf.size);
    let count = 0;
    for (let slot = 0; slot < this.#ids.length; slot++) {
      if (this.#ids[slot] !== null && matches(slot)) slots[count++] = slot;
    }
    return slots.subarray(0, count);
  }

  #score(query: Int16Array, slots: Int32Array, products: Int32Array): void {
    for (let start = 0; start < slots.length; start += BATCH) {
      this.#kernel.score(query, slots.subarray(start, start + BATCH), products);
    }
  }

  #best(
    { vector, limit }: VectorRequest,
    query: { scale: number; error: number },
    slots: Int32Array,
    products: Int32Array,
  ): VectorHit[] {
    // The least and the greatest score that each vector can have.
    const atMost = new Float64Array(slots.length);
    const surest = new Best<number>(limit, (a, b) => a - b);
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as number;
      const estimate = (this.#scales[slot] as number) * query.scale * (products[slot] as number);
      const deviation = maxDeviation(this.#errors[slot] as number, query.error);
      atMost[i] = estimate + deviation;
      surest.offer(estimate - deviation);
    }
    const candidates: number[] = [];
    const threshold = surest.last ?? -Infinity;
    for (let i = 0; i < slots.length; i++) if ((atMost[i] as number) >= threshold) candidates.push(i);
    candidates.sort((a, b) => (atMost[b] as number) - (atMost[a] as number));

    const best = new Best<VectorHit>(limit, compareHits);
    for (const i of candidates) {
      // Neither can any that follows be better.
      if (best.last !== null && (atMost[i] as number) < best.last.score) break;
      const slot = slots[i] as number;
      best.offer({ id: this.#ids[slot] as string, score: dotProduct(vector, this.#vectorAt(slot)) });
    }
    return best.sorted();
  }

  #vectorAt(slot: number): Float32Array {
    const number = Math.floor(slot / this.#slotsPerBlock);
    while (this.#blocks.length <= number) {
      this.#blocks.push(new Float32Array(this.#slotsPerBlock * this.#dimensions));
    }
    const start = (slot % this.#slotsPerBlock) * this.#dimensions;
    return (this.#blocks[number] as Float32Array).subarray(start, start + this.#dimensions);
  }
}

/** The greatest `limit` of all that is offered: a heap with the least of them at its root. */
class Best<T> {
  readonly #heap: T[] = [];
  readonly #limit: number;
  readonly #compare: (a: T, b: T) => number;

  constructor(limit: number, compare: (a: T, b: T) => number) {
    this.#limit = limit;
    this.#compare = compare;
  }

  /** The least of them, or `null` while there are fewer than `limit`. */
  get last(): T | null {
    return this.#heap.length < this.#limit ? null : (this.#heap[0] ?? null);
  }

  offer(value: T): void {
    const heap = this.#heap;
    if (heap.length < this.#limit) {
      let at = heap.push(value) - 1;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (this.#compare(heap[parent] as T, value) <= 0) break;
        heap[at] = heap[parent] as T;
        at = parent;
      }
      heap[at] = value;
      return;
    }
    if (this.#limit === 0 || this.#compare(value, heap[0] as T) <= 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#compare(heap[child + 1] as T, heap[child] as T) < 0) child++;
      if (this.#compare(heap[child] as T, value) >= 0) break;
      heap[at] = heap[child] as T;
      at = child;
    }
    heap[at] = value;
  }

  sorted(): T[] {
    return [...this.#heap].sort((a, b) => this.#compare(b, a));
  }
}

function compareHits(a: VectorHit, b: VectorHit): number {
  return a.score - b.score || (a.id < b.id ? -1 : Number(a.id > b.id));
}

/** In 32 bits, as Convex's scores are. */
function dotProduct(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return Math.fround(sum);
}
