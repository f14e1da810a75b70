import { failureData, type ErrorData } from "../../convex/shared/errors";
import { MICRODOLLARS } from "../../convex/shared/spending";
import { texts } from "../i18n/catalogue.ts";
import { pageLocale } from "../lib/pageLocale.ts";
import { showToast } from "../ui/toasts.ts";
import { dollars } from "../usage/money.ts";
import { renewalDate } from "../usage/renewalDate.ts";

/** What a failed call says to the person, in their language where the code is known. */
export function failureText(error: unknown): string {
  const data = failureData(error);
  if (data === null) return texts().somethingFailed;
  const text = texts();
  const { retryAfterMs, scope, used, limit } = data;
  if (data.code === "RATE_LIMITED" && retryAfterMs !== undefined && scope !== undefined)
    return text.rateLimited[scope](text.waitFor(Math.max(1, Math.ceil(retryAfterMs / 1_000))));
  if (
    data.code === "BUDGET_USED_UP" &&
    data.budget !== undefined &&
    (scope === "person" || scope === "server")
  )
    return budgetText(scope, data.budget);
  if (data.code === "STORAGE_FULL" && used !== undefined && limit !== undefined)
    return text.files.storageFull(used, limit);
  const known: Partial<Record<ErrorData["code"], string>> = text.errors;
  return known[data.code] ?? data.message;
}

/** What is left, and when there is more. */
function budgetText(
  scope: "person" | "server",
  { unit, left, held, renewsAt }: NonNullable<ErrorData["budget"]>,
): string {
  const text = texts().budgetUsedUp;
  const amount =
    unit === "money" ? dollars(left / MICRODOLLARS) : text.tokens(left.toLocaleString(pageLocale()));
  const said = text[scope](amount, renewalDate(renewsAt));
  return held > 0 ? `${said} ${text.held}` : said;
}

/** Shows a failed call as a toast; `retry` is offered when it can help. */
export function reportFailure(error: unknown, retry?: () => void) {
  showToast({
    tone: "error",
    message: failureText(error),
    action: retry === undefined ? undefined : { label: texts().tryAgain, run: retry },
  });
}
