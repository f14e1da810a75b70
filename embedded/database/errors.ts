/** Errors of the database that callers tell apart. The messages are Convex's. */
import { UserError, UserErrorWithData } from "../functions/types.ts";

/**
 * A cursor that belongs to another query. At its data, `usePaginatedQuery` starts again from the first page (`invalid_cursor` in Convex's
 * `crates/database/src/query/mod.rs`).
 */
export class InvalidCursorError extends UserErrorWithData {
  constructor() {
    super(
      "InvalidCursor: Tried to run a query starting from a cursor, but it looks like this cursor is from a " +
        "different query.",
      { isConvexSystemError: true, paginationError: "InvalidCursor" },
      "InvalidCursor",
    );
  }
}

/** More was read or written than one function may. A paginated query ends its page there instead of failing. */
export class LimitError extends UserError {
  override name = "LimitError";
}

/** Runs `work`; what it throws about an argument is said as Convex says it of the syscall's. */
export function withArgument<T>(method: string, argument: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UserError(
      `Invalid argument \`${argument}\` for \`${method}\`: ${error.message}`,
      "InvalidArgument",
    );
  }
}
