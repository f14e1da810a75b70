import { failureData, type ErrorData } from "../../convex/shared/errors";
import { texts } from "../i18n/catalogue.ts";
import { showToast } from "../ui/toasts.ts";

/** What a failed call says to the person, in their language where the code is known. */
export function failureText(error: unknown): string {
  const data = failureData(error);
  if (data === null) return texts().somethingFailed;
  const known: Partial<Record<ErrorData["code"], string>> = texts().errors;
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
