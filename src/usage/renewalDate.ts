import { pageLocale } from "../lib/pageLocale.ts";

/** The day on which a budget renews, in the page's language. Months are those of UTC, on every page the same. */
export const renewalDate = (renewsAt: number): string =>
  new Intl.DateTimeFormat(pageLocale(), { day: "numeric", month: "long", timeZone: "UTC" }).format(renewsAt);
