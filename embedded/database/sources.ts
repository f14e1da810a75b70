/** The three places rows of a query come from. Each counts what it gives, and says what it has looked at. */
import type { ScannedRow, SearchHit, Storage, StoredDocument, UncommittedEntries } from "../storage/types.ts";
import { splitQuery } from "../storage/searchTerms.ts";
import { UserError } from "../functions/types.ts";
import { ALL_KEYS, encodeKey, encodeValue, type IndexKey } from "../values/indexKey.ts";
import { floatToJson, fromMaybeJson } from "../values/json.ts";
import { searchEntry, type SearchIndex, type Table } from "./catalog.ts";
import { IndexScan, type ScanOptions } from "./indexScan.ts";
import { MAX_SEARCH_FILTERS, MAX_SEARCH_RESULTS, type Usage } from "./limits.ts";
import type { Overlay } from "./overlay.ts";
import type { CursorPosition, PagedSource } from "./query.ts";
import type { IndexScope, Reads, SearchRead } from "./readWriteSets.ts";
import type { SerializedQuery } from "./types.ts";

/** A range of an index. */
export class IndexSource implements PagedSource {
  position: CursorPosition | null = null;
  rowsRead = 0;
  bytesRead = 0;
  readonly #scan: IndexScan;
  readonly #reads: Reads;
  readonly #usage: Usage;

  constructor(options: ScanOptions, usage: Usage) {
    this.#scan = new IndexScan(options);
    this.#reads = options.reads;
    this.#usage = usage;
  }

  next(): ScannedRow | null {
    if (this.position === null) this.#usage.checkRanges(this.#reads);
    const row = this.#scan.next();
    // First, because it may throw: a page that ends at a limit must not skip the row that was too much.
    if (row !== null) this.#usage.recordRead(row.document.size);
    this.position = row === null ? { kind: "end" } : { kind: "after", key: row.key };
    if (row !== null) {
      this.rowsRead++;
      this.bytesRead += row.document.size;
    }
    return row;
  }
}

/** A table that does not exist yet. */
export class MissingTableSource implements PagedSource {
  position: CursorPosition | null = null;
  readonly rowsRead = 0;
  readonly bytesRead = 0;
  readonly #reads: Reads;
  readonly #scope: IndexScope;

  constructor(reads: Reads, scope: IndexScope) {
    this.#reads = reads;
    this.#scope = scope;
  }

  next(): null {
    this.#reads.addRange(this.#scope, ALL_KEYS);
    this.position = { kind: "end" };
    return null;
  }
}

export type SearchOptions = {
  storage: Storage;
  overlay: Overlay;
  table: Table;
  index: SearchIndex;
  /** Loads a document without counting it. */
  load: (id: string) => StoredDocument | null;
  /** Results up to here were given by an earlier page. */
  after: CursorPosition | null;
  /** Results behind this are on a later page. */
  upTo: CursorPosition | null;
};

/** The documents that match a search, best first. They are found at the first call of `next`. */
export class SearchSource implements PagedSource {
  position: CursorPosition | null = null;
  rowsRead = 0;
  bytesRead = 0;
  readonly #options: SearchOptions;
  readonly #read: SearchRead;
  readonly #reads: Reads;
  readonly #usage: Usage;
  #hits: { key: IndexKey; id: string }[] | null = null;

  constructor(options: SearchOptions, filters: SearchFilters, reads: Reads, usage: Usage) {
    this.#options = options;
    this.#read = compileSearch(options.index, filters);
    this.#reads = reads;
    this.#usage = usage;
  }

  next(): ScannedRow | null {
    this.#hits ??= this.#find();
    if (this.rowsRead === MAX_SEARCH_RESULTS) {
      throw new UserError(
        `Search query scanned too many documents (fetched ${MAX_SEARCH_RESULTS}). Consider using a smaller limit, ` +
          "paginating the query, or using a filter field to limit the number of documents pulled from the search " +
          "index.",
        "SearchQueryScannedTooManyDocumentsError",
      );
    }
    const hit = this.#hits[this.rowsRead];
    if (hit === undefined) {
      this.position = { kind: "end" };
      return null;
    }
    const document = this.#options.load(hit.id);
    if (document === null) throw new Error(`Search found a document that does not exist: ${hit.id}`);
    this.#usage.recordRead(document.size);
    this.rowsRead++;
    this.bytesRead += document.size;
    this.position = { kind: "after", key: hit.key };
    return { ...hit, document };
  }

  #find(): { key: IndexKey; id: string }[] {
    const { storage, overlay, table, index, after, upTo } = this.#options;
    this.#reads.addSearch(index.scope, this.#read);
    const request = { ...this.#read, limit: MAX_SEARCH_RESULTS };
    return storage.search
      .find(index.id, request, uncommitted(overlay, table, index))
      .map((hit) => ({ key: hitKey(hit), id: hit.id }))
      .filter(
        ({ key }) => (after === null || isBehind(key, after)) && (upTo === null || !isBehind(key, upTo)),
      );
  }
}

/** What the transaction has changed in an index. */
function uncommitted(overlay: Overlay, table: Table, index: SearchIndex): UncommittedEntries {
  const writes = [...(overlay.of(table)?.writes ?? [])];
  return {
    removed: writes.map(([id]) => id),
    added: writes.flatMap(([, { after }]) => {
      const entry = after === null ? null : searchEntry(index, after.value);
      return entry === null ? [] : [entry];
    }),
  };
}

/** Orders hits as they are given: by rank, then the newest first. */
function hitKey({ rank, creationTime, id }: SearchHit): IndexKey {
  return encodeKey([floatToJson(rank), floatToJson(-creationTime), id]);
}

function isBehind(key: IndexKey, position: CursorPosition): boolean {
  return position.kind === "after" && key > position.key;
}

type SearchFilters = Extract<SerializedQuery["source"], { type: "Search" }>["filters"];

function compileSearch(index: SearchIndex, filters: SearchFilters): SearchRead {
  const searches = filters.filter((filter) => filter.type === "Search");
  const [search] = searches;
  if (search === undefined) {
    throw new UserError(
      `Search query against ${index.label} does not contain any search filters. You must include a search filter ` +
        'like `q.search("field", searchText)`.',
      "MissingSearchFilterError",
    );
  }
  if (searches.length > 1) {
    throw new UserError(
      `Search query against ${index.label} contains multiple search filters against ${index.searchField}. ` +
        "Only one search filter is allowed.",
      "DuplicateSearchFiltersError",
    );
  }
  if (search.fieldPath !== index.searchField) {
    throw new UserError(
      `Search query against ${index.label} contains a search filter against "${search.fieldPath}", which doesn't ` +
        `match the indexed \`searchField\` "${index.searchField}".`,
      "IncorrectSearchField",
    );
  }
  const filterCount = filters.length - 1;
  if (filterCount > MAX_SEARCH_FILTERS) {
    throw new UserError(
      `Search query against ${index.label} has too many filter conditions. Max: ${MAX_SEARCH_FILTERS} Actual: ${filterCount}`,
      "TooManyFilterConditionsInSearchQueryError",
    );
  }
  return {
    ...splitQuery(search.value),
    filters: filters.flatMap((filter) => {
      if (filter.type === "Search") return [];
      const field = index.filterFields.indexOf(filter.fieldPath);
      if (field === -1) {
        throw new UserError(
          `Search query against ${index.label} contains an equality filter on "${filter.fieldPath}" but that field ` +
            "isn't indexed for filtering in `filterFields`.",
          "IncorrectFilterField",
        );
      }
      return [{ field, key: encodeValue(fromMaybeJson(filter.value)) }];
    }),
  };
}
