/** Finds the table and the index of a query, and opens the source of its rows. */
import { UserError } from "../functions/types.ts";
import type { StoredDocument, Storage } from "../storage/types.ts";
import { ALL_KEYS, NO_KEYS } from "../values/indexKey.ts";
import {
  BY_CREATION_TIME,
  BY_ID,
  IMPLICIT_FIELDS,
  type DatabaseIndex,
  type SearchIndex,
  type Table,
} from "./catalog.ts";
import { compileRange } from "./indexRange.ts";
import type { Usage } from "./limits.ts";
import type { Overlay } from "./overlay.ts";
import { parseIndexName, splitRange, type CursorPosition, type PagedSource } from "./query.ts";
import { indexScope, type Reads } from "./readWriteSets.ts";
import { IndexSource, MissingTableSource, SearchSource } from "./sources.ts";
import type { ComponentPath, SerializedQuery } from "./types.ts";

/** What a query needs of the transaction that it runs in. */
export type QueryContext = {
  component: ComponentPath;
  storage: Storage;
  overlay: Overlay;
  reads: Reads;
  usage: Usage;
  findTable: (name: string) => Table | null;
  /** The document as the transaction sees it, not counted as read. */
  load: (table: Table, id: string) => StoredDocument | null;
};

/** A query whose table and index are known. */
export type ResolvedQuery = {
  /** Starts it, behind one cursor and up to another. */
  open: (after: CursorPosition | null, upTo: CursorPosition | null, expected?: number) => PagedSource;
  /** Those of its index. */
  fields: readonly string[];
  /** Can its pages be split in two? */
  splittable: boolean;
};

type Source = SerializedQuery["source"];
type SearchQuery = Extract<Source, { type: "Search" }>;

/** Throws a `UserError` if there is no such index, or it cannot answer such a query. */
export function resolveQuery(source: Source, context: QueryContext): ResolvedQuery {
  const { table: tableName, index: indexName } =
    source.type === "FullTableScan"
      ? { table: source.tableName, index: BY_CREATION_TIME }
      : parseIndexName(source.indexName);
  const label = `${tableName}.${indexName}`;
  const table = context.findTable(tableName);
  if (table === null) return resolveMissingTable(context, tableName, indexName);
  const index = table.indexes.get(indexName);
  if (index === undefined) throw indexNotFound(label);
  if (index.staged) {
    throw new UserError(
      `Index ${label} is currently staged and not available to query until it is enabled.`,
      "IndexStagedError",
    );
  }
  if (source.type === "Search") {
    if (index.kind === "search") return resolveSearch(table, index, source, context);
    throw new UserError(`Index ${label} is not a search index`, "IndexNotASearchIndex");
  }
  if (index.kind === "database") return resolveRange(table, index, source, context);
  throw new UserError(`Index ${label} is not a database index`, "IndexNotADatabaseIndex");
}

/** Its cursors stay good when the table comes to be: the fields are those that its index will have. */
function resolveMissingTable(
  { component, reads }: QueryContext,
  table: string,
  index: string,
): ResolvedQuery {
  if (index !== BY_ID && index !== BY_CREATION_TIME) throw indexNotFound(`${table}.${index}`);
  const scope = indexScope(component, table, index);
  return {
    open: () => new MissingTableSource(reads, scope),
    fields: index === BY_ID ? ["_id"] : IMPLICIT_FIELDS,
    splittable: false,
  };
}

function resolveRange(
  table: Table,
  index: DatabaseIndex,
  source: Exclude<Source, SearchQuery>,
  { storage, overlay, reads, usage }: QueryContext,
): ResolvedQuery {
  const order = source.order ?? "asc";
  const whole = source.type === "FullTableScan" ? ALL_KEYS : compileRange(index, source.range);
  const open: ResolvedQuery["open"] = (after, upTo, expected) => {
    let range = whole;
    if (after !== null) range = after.kind === "end" ? NO_KEYS : splitRange(range, after.key, order).after;
    if (upTo?.kind === "after") range = splitRange(range, upTo.key, order).before;
    return new IndexSource({ storage, overlay, reads, table, index, range, order, expected }, usage);
  };
  return { open, fields: index.fields, splittable: true };
}

function resolveSearch(
  table: Table,
  index: SearchIndex,
  source: SearchQuery,
  { storage, overlay, reads, usage, load }: QueryContext,
): ResolvedQuery {
  const open: ResolvedQuery["open"] = (after, upTo) => {
    const loadFrom = (id: string): StoredDocument | null => load(table, id);
    const options = { storage, overlay, table, index, load: loadFrom, after, upTo };
    return new SearchSource(options, source.filters, reads, usage);
  };
  return { open, fields: [], splittable: false };
}

function indexNotFound(label: string): UserError {
  return new UserError(`Index ${label} not found.`, "IndexNotFoundError");
}
