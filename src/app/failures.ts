import { failureData, type ErrorData } from "../../convex/shared/errors";
import { texts } from "../i18n/catalogue.ts";
import { showToast } from "../ui/toasts.ts";

/** What a failed call says to the person, in their language where the code is known. */
export function failureText(error: unknown): string {
  const data = failureData(error);
  if (data === null) return texts().somethingFailed;
  const text = texts();
  const { retryAfterMs, scope, used, limit } = data;
  if (data.code === "RATE_LIMITED" && retryAfterMs !== undefined && scope !== undefined)
    return text.rateLimited[scope](text.waitFor(Math.max(1, Math.ceil(retryAfterMs / 1_000))));
  if (data.code === "STORAGE_FULL" && used !== undefined && limit !== undefined)
    return text.files.storageFull(used, limit);
  const known: Partial<Record<ErrorData["code"], string>> = text.errors;
  return known[data.code] ?? data.message;
}

/** Shows a failed call as a toast; `retry` is offered when it can help. */
export function reportFailure(error: unknown, retry?: () => void) {
  showToast({
    tone: "error",
    message: failureText(error),
    action: retry === undefined ? undefined : { label: texts().tryAgain, run: retry },
  });
}
