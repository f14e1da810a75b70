import { ConvexError } from "convex/values";
import type { SpendingUnit } from "./spending";

/** Every failure that a caller can expect. The page switches over the code; the message can be shown as it is. */
export type ErrorCode =
  | "UNAUTHENTICATED"
  | "ACCOUNT_DISABLED"
  | "NOT_ALLOWED"
  | "WRONG_CREDENTIALS"
  | "WRONG_CODE"
  | "WEAK_PASSWORD"
  | "NAME_TAKEN"
  | "LINK_ENDED"
  | "SIGN_IN_ENDED"
  | "PROVIDER_FAILED"
  | "NOT_FOUND"
  | "INVALID_INPUT"
  | "MESSAGE_TOO_LONG"
  | "GENERATION_IN_PROGRESS"
  | "MODEL_NOT_OFFERED"
  | "OWN_KEYS_OFF"
  | "KEY_REFUSED"
  | "SIGN_IN_FAILED"
  | "RATE_LIMITED"
  | "BUDGET_USED_UP"
  | "QUEUE_FULL"
  | "NOT_CONTINUABLE"
  | "TOO_MANY_VARIANTS"
  | "TOO_FAR_BACK"
  | "FILE_NOT_FOUND"
  | "FILE_TYPE"
  | "FILE_TOO_LARGE"
  | "TOO_MANY_FILES"
  | "STORAGE_FULL";

export type ErrorData = {
  code: ErrorCode;
  message: string;
  /** With `RATE_LIMITED`: milliseconds after which the same call can succeed. */
  retryAfterMs?: number;
  /**
   * With `RATE_LIMITED` and `BUDGET_USED_UP`: whose budget is used up. `runs`: as many of the person's answers are live as may be. `line`: nothing is
   * used up, and after `retryAfterMs` it is the caller's turn.
   */
  scope?: "person" | "runs" | "address" | "server" | "line";
  /**
   * With `BUDGET_USED_UP`: what is left of it and what replies under way hold, in millionths of a dollar or tokens; when it renews, in
   * milliseconds since the epoch.
   */
  budget?: { unit: SpendingUnit; left: number; held: number; renewsAt: number };
  /** With `STORAGE_FULL`: what is used and what may be, in words. */
  used?: string;
  limit?: string;
};

/** The text of `GENERATION_IN_PROGRESS`, part of the product's interface. */
export const BUSY_MESSAGE = "Please wait for the current response to complete before sending another message";

/** An expected failure: its `data` reaches clients in production, which a plain `Error`'s message does not. */
export function failure(
  code: ErrorCode,
  message: string,
  more?: Omit<ErrorData, "code" | "message">,
): ConvexError<ErrorData> {
  return new ConvexError<ErrorData>({ code, message, ...more });
}

/** The data of an expected failure, or `null` for anything else. For `catch` clauses on either side. */
export function failureData(error: unknown): ErrorData | null {
  if (!(error instanceof ConvexError)) return null;
  const data: unknown = error.data;
  if (typeof data !== "object" || data === null || !("code" in data) || !("message" in data)) return null;
  return data as ErrorData;
}
