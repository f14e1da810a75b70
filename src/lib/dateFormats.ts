import { pageLocale } from "./pageLocale.ts";

type Formats = Readonly<Record<"time" | "day" | "full", Intl.DateTimeFormat>>;

/** By locale: making one takes longer than putting up the turn whose time it tells. */
const made = new Map<string, Formats>();

/** How the page writes the time of a day, a day, and both in full, in the reader's language. */
export function dateFormats(): Formats {
  const locale = pageLocale();
  let formats = made.get(locale);
  if (formats === undefined) {
    formats = {
      time: new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }),
      day: new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" }),
      full: new Intl.DateTimeFormat(locale, {
        day: "numeric",
        month: "numeric",
        year: "numeric",
        hour: "numeric",
        minute: "numeric",
        second: "numeric",
      }),
    };
    made.set(locale, formats);
  }
  return formats;
}
