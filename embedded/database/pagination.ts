/**
 * Pages of a query (`.paginate(…)`). A cursor is the key of the last row of a page; it belongs to one query, whose
 * fingerprint it carries. A page that is asked for again with its end (`endCursor`) holds all rows between the two,
 * however many there are by then.
 */
import { createHash } from "node:crypto";
import { UserError } from "../functions/types.ts";
import type { ScannedRow } from "../storage/types.ts";
import type { IndexKey } from "../values/indexKey.ts";
import { InvalidCursorError, LimitError } from "./errors.ts";
import { MAX_BYTES_READ, MAX_DOCUMENTS_READ, SOFT_LIMIT_RATIO, SOFT_MAX_PAGE_LENGTH } from "./limits.ts";
import { QueryStream, type CursorPosition, type PagedSource, type RowSource } from "./query.ts";
import type { ComponentPath, Page, PageRequest, SerializedQuery } from "./types.ts";

/** Bytes of a SHA-256: enough to tell queries of one app apart. */
const FINGERPRINT_LENGTH = 12;
/** Fewer rows are not worth splitting a page between. */
const MIN_SPLIT_LENGTH = 3;

/** Throws a `UserError` for a request that Convex refuses. */
export function checkPageRequest(component: ComponentPath, request: PageRequest): void {
  const { pageSize, maximumRowsRead, maximumBytesRead } = request;
  if (component !== "") {
    throw new UserError(
      "paginate() is only supported in the app. Learn more at https://docs.convex.dev/components/authoring#pagination",
      "PaginationUnsupportedInComponents",
    );
  }
  if (pageSize < 1) {
    throw new UserError("Must request at least 1 document while paginating", "NoDocumentsForPagination");
  }
  if (pageSize > MAX_DOCUMENTS_READ) {
    throw new UserError(`Requested too many items: ${pageSize}`, "PageSizeTooLarge");
  }
  if (maximumRowsRead === 0 || maximumBytesRead === 0) {
    throw new UserError(
      "maximumRowsRead and maximumBytesRead must be greater than 0",
      "InvalidPaginationLimit",
    );
  }
}

/** `fields` are those of the index: a query means something else when its index has changed. */
export function fingerprintOf(
  component: ComponentPath,
  query: SerializedQuery,
  fields: readonly string[],
): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([component, query, fields]))
    .digest();
  return hash.toString("latin1", 0, FINGERPRINT_LENGTH);
}

function encodeCursor(fingerprint: string, position: CursorPosition): string {
  const text = fingerprint + (position.kind === "end" ? "E" : `A${position.key}`);
  return Buffer.from(text, "latin1").toString("base64url");
}

/** Throws an `InvalidCursorError` if the cursor is of another query, or none at all. */
export function decodeCursor(fingerprint: string, cursor: string): CursorPosition {
  const text = Buffer.from(cursor, "base64url").toString("latin1");
  if (!text.startsWith(fingerprint)) throw new InvalidCursorError();
  const position = text.slice(fingerprint.length);
  if (position === "E") return { kind: "end" };
  if (position.startsWith("A")) return { kind: "after", key: position.slice(1) };
  throw new InvalidCursorError();
}

type PageOptions = {
  source: PagedSource;
  request: PageRequest;
  fingerprint: string;
  /** Where the page must end, or `null` if its size decides. */
  end: CursorPosition | null;
  /** A search is not split: that would not make it cheaper. */
  splittable: boolean;
};

export function readPage({ source, request, fingerprint, end, splittable }: PageOptions): Page {
  const rows = new PageRows(source, request, end === null);
  const stream = new QueryStream(rows, request.query.operators);
  const page: string[] = [];
  let pageStatus: Page["pageStatus"] = null;
  while (end !== null || page.length < request.pageSize) {
    try {
      const document = stream.next();
      if (document === null) break;
      page.push(document);
    } catch (error) {
      if (!(error instanceof LimitError) || source.position === null) throw error;
      pageStatus = "SplitRequired";
      break;
    }
  }
  if (pageStatus === null && (rows.isApproachingLimit || page.length > SOFT_MAX_PAGE_LENGTH)) {
    pageStatus = "SplitRecommended";
  }
  const position = end ?? source.position ?? { kind: "end" };
  const middle = splittable ? rows.middle : null;
  return {
    page,
    isDone: position.kind === "end",
    continueCursor: encodeCursor(fingerprint, position),
    splitCursor: middle === null ? null : encodeCursor(fingerprint, { kind: "after", key: middle }),
    pageStatus,
  };
}

/** The rows of one page before its operators: stops at the limits that the caller has set for the page. */
class PageRows implements RowSource {
  readonly #source: PagedSource;
  readonly #enforced: boolean;
  readonly #maxRows: number;
  readonly #maxBytes: number;
  readonly #positions: IndexKey[] = [];

  /** With `enforced` false the limits are only watched: a page with a given end must hold all rows up to it. */
  constructor(source: PagedSource, request: PageRequest, enforced: boolean) {
    this.#source = source;
    this.#enforced = enforced;
    this.#maxRows = Math.min(request.maximumRowsRead ?? MAX_DOCUMENTS_READ, MAX_DOCUMENTS_READ);
    this.#maxBytes = Math.min(request.maximumBytesRead ?? MAX_BYTES_READ, MAX_BYTES_READ);
  }

  next(): ScannedRow | null {
    const { rowsRead, bytesRead } = this.#source;
    if (this.#enforced && rowsRead >= this.#maxRows) {
      throw new LimitError(
        `Query scanned too many documents (fetched ${rowsRead}).`,
        "QueryScannedTooManyDocumentsError",
      );
    }
    if (this.#enforced && bytesRead >= this.#maxBytes) {
      throw new LimitError(
        `Query scanned too much data (fetched ${bytesRead} bytes).`,
        "QueryScannedTooMuchDataError",
      );
    }
    const row = this.#source.next();
    if (row !== null) this.#positions.push(row.key);
    return row;
  }

  get isApproachingLimit(): boolean {
    const { rowsRead, bytesRead } = this.#source;
    return rowsRead > this.#maxRows * SOFT_LIMIT_RATIO || bytesRead > this.#maxBytes * SOFT_LIMIT_RATIO;
  }

  /** The key of the row in the middle, or `null` if there are too few to split between. */
  get middle(): IndexKey | null {
    if (this.#positions.length < MIN_SPLIT_LENGTH) return null;
    return this.#positions[this.#positions.length >> 1] ?? null;
  }
}
