import { USER_TIMEOUT_MESSAGE } from "../functions/execution.ts";
import { failureOfMessage } from "../functions/failures.ts";
import { UserError } from "../functions/types.ts";
import type { FunctionFailure } from "../functions/types.ts";
import type { Log } from "../log.ts";

/** Of user code that was cut off. */
export const timedOut = (): FunctionFailure => failureOfMessage(USER_TIMEOUT_MESSAGE);

/** Convex's words for a defect of the backend. The cause is in the log, not at the client. */
const INTERNAL_ERROR = "Your request couldn't be completed. Try again later.";

/** The runner reports what functions throw as outcomes; what it throws itself is a refusal, or else a defect. */
export function failureOf<T>(log: Log, run: () => T, fail: (error: FunctionFailure) => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof UserError) return fail(failureOfMessage(error.message));
    log.error("ENGINE", "A function run failed in the backend itself", error);
    return fail(failureOfMessage(INTERNAL_ERROR));
  }
}
