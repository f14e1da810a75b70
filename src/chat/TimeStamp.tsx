import { pageLocale } from "../lib/pageLocale.ts";

/** A point in time: short, and in full on hover. */
export function TimeStamp({ at }: { at: number }) {
  const time = new Date(at);
  const today = time.toDateString() === new Date().toDateString();
  const locale = pageLocale();
  return (
    <time dateTime={time.toISOString()} title={time.toLocaleString(locale)}>
      {today
        ? time.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" })
        : time.toLocaleDateString(locale, { day: "numeric", month: "short", year: "numeric" })}
    </time>
  );
}
