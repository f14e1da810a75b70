/** A set of keys as disjoint ranges in order. */
import type { IndexKey, KeyRange } from "../values/indexKey.ts";

export class RangeSet {
  readonly #starts: IndexKey[] = [];
  readonly #ends: IndexKey[] = [];

  /** How many ranges it takes. */
  get size(): number {
    return this.#starts.length;
  }

  add({ start, end }: KeyRange): void {
    if (start >= end) return;
    // All ranges that touch the new one become one with it.
    const first = lowerBound(this.#ends, start);
    let last = first;
    while (last < this.#starts.length && (this.#starts[last] as IndexKey) <= end) last++;
    const merged = {
      start:
        first < last && (this.#starts[first] as IndexKey) < start ? (this.#starts[first] as IndexKey) : start,
      end:
        first < last && (this.#ends[last - 1] as IndexKey) > end ? (this.#ends[last - 1] as IndexKey) : end,
    };
    this.#starts.splice(first, last - first, merged.start);
    this.#ends.splice(first, last - first, merged.end);
  }

  has(key: IndexKey): boolean {
    const index = upperBound(this.#starts, key) - 1;
    return index >= 0 && key < (this.#ends[index] as IndexKey);
  }

  /** The range that holds `key`. Throws if none does. */
  around(key: IndexKey): KeyRange {
    const index = upperBound(this.#starts, key) - 1;
    const start = this.#starts[index];
    const end = this.#ends[index];
    if (start === undefined || end === undefined || key >= end)
      throw new Error("The key is in none of the ranges");
    return { start, end };
  }

  *[Symbol.iterator](): IterableIterator<KeyRange> {
    for (const [index, start] of this.#starts.entries()) yield { start, end: this.#ends[index] as IndexKey };
  }
}

/** The index of the first key that is not below `key`. */
function lowerBound(keys: readonly IndexKey[], key: IndexKey): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as IndexKey) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index of the first key above `key`. */
function upperBound(keys: readonly IndexKey[], key: IndexKey): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as IndexKey) <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}
