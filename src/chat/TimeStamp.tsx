/** A point in time: short, and in full on hover. */
export function TimeStamp({ at }: { at: number }) {
  const time = new Date(at);
  const today = time.toDateString() === new Date().toDateString();
  // The browser's own variant of the page's language knows the order of day and month.
  const { lang } = document.documentElement;
  const locale = navigator.languages.find((tag) => tag.startsWith(lang)) ?? lang;
  return (
    <time dateTime={time.toISOString()} title={time.toLocaleString(locale)}>
      {today
        ? time.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" })
        : time.toLocaleDateString(locale, { day: "numeric", month: "short", year: "numeric" })}
    </time>
  );
}
