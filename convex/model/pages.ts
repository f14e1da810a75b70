import type { PaginationOptions } from "convex/server";
import { MAX_PAGE_ITEMS } from "../shared/limits";

/** What a client asks of a page, within bounds. */
export function boundedPage(options: PaginationOptions): PaginationOptions {
  const numItems = Math.min(Math.max(Math.floor(options.numItems) || 1, 1), MAX_PAGE_ITEMS);
  return { ...options, numItems };
}
