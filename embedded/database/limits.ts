/** What one transaction may read and write (E8). Numbers and messages are those of `crates/common/src/knobs.rs`. */
import { formatBinary } from "../values/display.ts";
import { LimitError } from "./errors.ts";
import type { TransactionLimits, TransactionUsage } from "./types.ts";

export const MAX_DOCUMENTS_READ = 32_000;
/** Bytes (16 MiB). */
export const MAX_BYTES_READ = 1 << 24;
/** Ranges of indexes, overlapping ones counted once. */
const MAX_RANGES_READ = 4096;
const MAX_DOCUMENTS_WRITTEN = 16_000;
/** Functions that one transaction may schedule, and bytes of the arguments of all of them (16 MiB). */
const MAX_FUNCTIONS_SCHEDULED = 1000;
const MAX_SCHEDULED_ARGS_BYTES = 1 << 24;
/** Bytes (16 MiB). */
const MAX_BYTES_WRITTEN = 1 << 24;
export const TRANSACTION_LIMITS: TransactionLimits = {
  documentsRead: MAX_DOCUMENTS_READ,
  bytesRead: MAX_BYTES_READ,
  documentsWritten: MAX_DOCUMENTS_WRITTEN,
  bytesWritten: MAX_BYTES_WRITTEN,
  rangesRead: MAX_RANGES_READ,
  functionsScheduled: MAX_FUNCTIONS_SCHEDULED,
  scheduledArgsBytes: MAX_SCHEDULED_ARGS_BYTES,
};
/** Documents that one search gives at most. */
export const MAX_SEARCH_RESULTS = 1024;
/** Equality filters of one search; Convex's `MAX_FILTER_CONDITIONS` (`crates/search/src/constants.rs`). */
export const MAX_SEARCH_FILTERS = 8;
/** A page of a paginated query that has read this share of a limit should be split. */
export const SOFT_LIMIT_RATIO = 3 / 4;
/** Documents. A longer page should be split. */
export const SOFT_MAX_PAGE_LENGTH = 8192 * SOFT_LIMIT_RATIO;

const OVER_LIMIT_HELP =
  "Consider using smaller limits in your queries, paginating your queries, or using indexed queries with a " +
  "selective index range expressions.";

/** What a transaction has used up. */
export class Usage {
  #documentsRead = 0;
  #bytesRead = 0;
  #documentsWritten = 0;
  #bytesWritten = 0;
  /** What it may use in all: less while a nested call with limits of its own runs. */
  limits: TransactionLimits = TRANSACTION_LIMITS;

  recordRead(bytes: number): void {
    this.#documentsRead++;
    this.#bytesRead += bytes;
    if (this.#documentsRead > this.limits.documentsRead) {
      throw new LimitError(
        `Too many documents read in a single function execution (limit: ${this.limits.documentsRead}). ${OVER_LIMIT_HELP}`,
        "TooManyDocumentsRead",
      );
    }
    if (this.#bytesRead > this.limits.bytesRead) {
      throw new LimitError(
        `Too many bytes read in a single function execution (limit: ${this.limits.bytesRead} bytes). ${OVER_LIMIT_HELP}`,
        "TooManyBytesRead",
      );
    }
  }

  recordWrite(bytes: number): void {
    this.#documentsWritten++;
    this.#bytesWritten += bytes;
    if (this.#documentsWritten > this.limits.documentsWritten) {
      throw new LimitError(
        `Too many writes in a single function execution (limit: ${this.limits.documentsWritten})`,
        "TooManyWrites",
      );
    }
    if (this.#bytesWritten > this.limits.bytesWritten) {
      throw new LimitError(
        `Too many bytes written in a single function execution (limit: ${formatBinary(this.limits.bytesWritten)})`,
        "TooManyBytesWritten",
      );
    }
  }

  /** Putting overlapping ranges together is worth it only near the limit. */
  checkRanges(reads: { readonly roughRangeCount: number; readonly rangeCount: number }): void {
    const { rangesRead } = this.limits;
    if (reads.roughRangeCount < rangesRead || reads.rangeCount < rangesRead) return;
    throw new LimitError(
      `Too many reads in a single function execution (limit: ${rangesRead}). ${OVER_LIMIT_HELP}`,
      "TooManyReads",
    );
  }

  get total(): TransactionUsage {
    return {
      documentsRead: this.#documentsRead,
      bytesRead: this.#bytesRead,
      documentsWritten: this.#documentsWritten,
      bytesWritten: this.#bytesWritten,
    };
  }

  /** What was written, to be put back when writes are undone. */
  get written(): { documents: number; bytes: number } {
    return { documents: this.#documentsWritten, bytes: this.#bytesWritten };
  }

  set written({ documents, bytes }: { documents: number; bytes: number }) {
    this.#documentsWritten = documents;
    this.#bytesWritten = bytes;
  }
}
