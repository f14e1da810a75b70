/**
 * Which subscriptions a commit touches. For each index there is a tree of the ranges that were read, so that the
 * cost of a commit depends on what it touches and not on how many subscriptions there are.
 */
import type { KeyRange } from "../values/indexKey.ts";
import { IntervalTree } from "./intervalTree.ts";
import {
  readsOf,
  searchMatches,
  writesOf,
  type IndexScope,
  type SearchRead,
  type SearchWrite,
} from "./readWriteSets.ts";
import type { ReadSet, SubscriptionIndex, WriteSet } from "./types.ts";

export function createSubscriptionIndex<T>(): SubscriptionIndex<T> {
  return new Subscriptions<T>();
}

/** What was put in for a subscription, to be taken out again. */
type Registration<T> = {
  ranges: readonly { scope: IndexScope; range: KeyRange }[];
  searches: readonly { scope: IndexScope; entry: SearchSubscription<T> }[];
};

class Subscriptions<T> implements SubscriptionIndex<T> {
  readonly #registrations = new Map<T, Registration<T>>();
  readonly #ranges = new Map<IndexScope, IntervalTree<T>>();
  readonly #searches = new Map<IndexScope, SearchSubscriptions<T>>();

  get size(): number {
    return this.#registrations.size;
  }

  /** A subscription that is already there now depends on these reads and no longer on its earlier ones. */
  add(subscription: T, reads: ReadSet): void {
    const ranges = [...readsOf(reads).ranges()].flatMap(([scope, set]) =>
      [...set].map((range) => ({ scope, range })),
    );
    const searches = [...readsOf(reads).searches()].flatMap(([scope, list]) =>
      list.map((search) => ({ scope, entry: { search, subscription } })),
    );
    const earlier = this.#registrations.get(subscription);
    // Most queries read the same ranges each time.
    if (earlier !== undefined && searches.length === 0 && haveSameRanges(earlier, ranges)) return;
    this.remove(subscription);
    for (const { scope, range } of ranges) {
      let tree = this.#ranges.get(scope);
      if (tree === undefined) this.#ranges.set(scope, (tree = new IntervalTree()));
      tree.add(range, subscription);
    }
    for (const { scope, entry } of searches) {
      let index = this.#searches.get(scope);
      if (index === undefined) this.#searches.set(scope, (index = new SearchSubscriptions()));
      index.add(entry);
    }
    this.#registrations.set(subscription, { ranges, searches });
  }

  remove(subscription: T): void {
    const registration = this.#registrations.get(subscription);
    if (registration === undefined) return;
    this.#registrations.delete(subscription);
    for (const { scope, range } of registration.ranges) {
      const tree = this.#ranges.get(scope);
      tree?.remove(range, subscription);
      if (tree?.isEmpty === true) this.#ranges.delete(scope);
    }
    for (const { scope, entry } of registration.searches) {
      const index = this.#searches.get(scope);
      index?.remove(entry);
      if (index?.isEmpty === true) this.#searches.delete(scope);
    }
  }

  matching(writes: WriteSet): Set<T> {
    const found = new Set<T>();
    const { keys, searches } = writesOf(writes);
    for (const [scope, scopeKeys] of keys) {
      const tree = this.#ranges.get(scope);
      if (tree !== undefined) for (const key of scopeKeys) tree.collect(key, found);
    }
    for (const [scope, scopeWrites] of searches) {
      const index = this.#searches.get(scope);
      if (index !== undefined) for (const write of scopeWrites) index.collect(write, found);
    }
    return found;
  }
}

function haveSameRanges<T>(earlier: Registration<T>, ranges: Registration<T>["ranges"]): boolean {
  if (earlier.searches.length > 0 || earlier.ranges.length !== ranges.length) return false;
  return ranges.every(({ scope, range }, i) => {
    const other = earlier.ranges[i];
    return scope === other?.scope && range.start === other.range.start && range.end === other.range.end;
  });
}

type SearchSubscription<T> = { search: SearchRead; subscription: T };

/** Searches by the words they look for: a written document asks only for those that share a word with it. */
class SearchSubscriptions<T> {
  readonly #byTerm = new Map<string, Set<SearchSubscription<T>>>();
  readonly #byPrefix = new Map<string, Set<SearchSubscription<T>>>();

  get isEmpty(): boolean {
    return this.#byTerm.size === 0 && this.#byPrefix.size === 0;
  }

  add(entry: SearchSubscription<T>): void {
    for (const [map, word] of this.#words(entry.search)) {
      const entries = map.get(word);
      if (entries === undefined) map.set(word, new Set([entry]));
      else entries.add(entry);
    }
  }

  remove(entry: SearchSubscription<T>): void {
    for (const [map, word] of this.#words(entry.search)) {
      const entries = map.get(word);
      entries?.delete(entry);
      if (entries?.size === 0) map.delete(word);
    }
  }

  collect(write: SearchWrite, found: Set<T>): void {
    for (const term of write.terms) {
      this.#check(this.#byTerm.get(term), write, found);
      for (let length = 1; length <= term.length; length++) {
        this.#check(this.#byPrefix.get(term.slice(0, length)), write, found);
      }
    }
  }

  #check(entries: ReadonlySet<SearchSubscription<T>> | undefined, write: SearchWrite, found: Set<T>): void {
    if (entries === undefined) return;
    for (const { search, subscription } of entries) if (searchMatches(search, write)) found.add(subscription);
  }

  #words(search: SearchRead): [map: Map<string, Set<SearchSubscription<T>>>, word: string][] {
    const words: [Map<string, Set<SearchSubscription<T>>>, string][] = [];
    for (const term of search.terms) words.push([this.#byTerm, term]);
    if (search.prefix !== null) words.push([this.#byPrefix, search.prefix]);
    return words;
  }
}
