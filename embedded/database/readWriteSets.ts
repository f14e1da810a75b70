/**
 * What a transaction looked at, and what a commit changed, in the same terms: keys of indexes. An index is named
 * by `indexScope`, so that a query of a table that does not exist yet is touched when it comes to be.
 */
import type { IndexKey, KeyRange } from "../values/indexKey.ts";
import { RangeSet } from "./rangeSet.ts";
import type { ComponentPath, ReadSet, WriteSet } from "./types.ts";

/** The name of an index over all components. */
export type IndexScope = string;

export function indexScope(component: ComponentPath, table: string, index: string): IndexScope {
  return `${component}:${table}.${index}`;
}

/** A search that was made: documents that match it were looked at, also those that do not exist yet. */
export type SearchRead = {
  terms: readonly string[];
  prefix: string | null;
  filters: readonly { field: number; key: IndexKey }[];
};

/** A document, before or after a commit, as a search index saw it. */
export type SearchWrite = { terms: ReadonlySet<string>; filters: readonly IndexKey[] };

export function searchMatches(read: SearchRead, write: SearchWrite): boolean {
  if (read.filters.some(({ field, key }) => write.filters[field] !== key)) return false;
  if (read.terms.some((term) => write.terms.has(term))) return true;
  const { prefix } = read;
  if (prefix === null) return false;
  for (const term of write.terms) if (term.startsWith(prefix)) return true;
  return false;
}

/** How far a scan has come: the keys between its beginning and its last row. The scan moves one of the two ends. */
export type ScanProgress = { readonly scope: IndexScope; start: IndexKey; end: IndexKey };

/** Where a commit touches what was read: a key that it wrote, and the range around it that was read. */
export type Overlap =
  | { kind: "range"; scope: IndexScope; key: IndexKey; range: KeyRange }
  | { kind: "search"; scope: IndexScope };

export class Reads implements ReadSet {
  readonly #ranges = new Map<IndexScope, RangeSet>();
  readonly #searches = new Map<IndexScope, SearchRead[]>();
  /** Scans that have moved since they were last put into the ranges. */
  readonly #scans = new Set<ScanProgress>();

  addRange(scope: IndexScope, range: KeyRange): void {
    let ranges = this.#ranges.get(scope);
    if (ranges === undefined) this.#ranges.set(scope, (ranges = new RangeSet()));
    ranges.add(range);
  }

  /** To be called whenever a scan has moved: one range for all its rows, however many there are. */
  trackScan(progress: ScanProgress): void {
    this.#scans.add(progress);
  }

  addSearch(scope: IndexScope, search: SearchRead): void {
    const searches = this.#searches.get(scope);
    if (searches === undefined) this.#searches.set(scope, [search]);
    else searches.push(search);
  }

  /** An upper bound of `rangeCount`, which is cheap. */
  get roughRangeCount(): number {
    let count = this.#scans.size;
    for (const ranges of this.#ranges.values()) count += ranges.size;
    return count;
  }

  get rangeCount(): number {
    let count = 0;
    for (const [, ranges] of this.ranges()) count += ranges.size;
    return count;
  }

  ranges(): ReadonlyMap<IndexScope, RangeSet> {
    for (const { scope, start, end } of this.#scans) this.addRange(scope, { start, end });
    this.#scans.clear();
    return this.#ranges;
  }

  searches(): ReadonlyMap<IndexScope, readonly SearchRead[]> {
    return this.#searches;
  }

  overlaps(writes: WriteSet): boolean {
    const { keys, searches } = writesOf(writes);
    for (const [scope, ranges] of this.ranges()) {
      if (keys.get(scope)?.some((key) => ranges.has(key)) === true) return true;
    }
    for (const [scope, reads] of this.#searches) {
      if (this.#matches(reads, searches.get(scope))) return true;
    }
    return false;
  }

  /**
   * Where a commit touches what was read, or `null` if it does not. A range of an index is named rather than a document in it
   * that was then written, for it says more about why.
   */
  findOverlap(writes: WriteSet): Overlap | null {
    const { keys, searches } = writesOf(writes);
    let document: Overlap | null = null;
    for (const [scope, ranges] of this.ranges()) {
      const key = keys.get(scope)?.find((written) => ranges.has(written));
      if (key === undefined) continue;
      const overlap: Overlap = { kind: "range", scope, key, range: ranges.around(key) };
      if (!scope.endsWith(".by_id")) return overlap;
      document ??= overlap;
    }
    for (const [scope, reads] of this.#searches) {
      if (this.#matches(reads, searches.get(scope))) return { kind: "search", scope };
    }
    return document;
  }

  #matches(reads: readonly SearchRead[], writes: readonly SearchWrite[] | undefined): boolean {
    return writes?.some((write) => reads.some((read) => searchMatches(read, write))) === true;
  }
}

export class Writes implements WriteSet {
  readonly keys = new Map<IndexScope, IndexKey[]>();
  readonly searches = new Map<IndexScope, SearchWrite[]>();

  get isEmpty(): boolean {
    return this.keys.size === 0;
  }

  addKey(scope: IndexScope, key: IndexKey): void {
    const keys = this.keys.get(scope);
    if (keys === undefined) this.keys.set(scope, [key]);
    else keys.push(key);
  }

  addSearch(scope: IndexScope, write: SearchWrite): void {
    const writes = this.searches.get(scope);
    if (writes === undefined) this.searches.set(scope, [write]);
    else writes.push(write);
  }
}

/** The sets that this database made, as what they are. */
export function readsOf(reads: ReadSet): Reads {
  if (!(reads instanceof Reads)) throw new TypeError("Not a read set of this database");
  return reads;
}

export function writesOf(writes: WriteSet): Writes {
  if (!(writes instanceof Writes)) throw new TypeError("Not a write set of this database");
  return writes;
}
