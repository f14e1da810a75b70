import { dateFormats } from "../lib/dateFormats.ts";

/** A point in time: short, and in full on hover. */
export function TimeStamp({ at }: { at: number }) {
  const time = new Date(at);
  const today = time.toDateString() === new Date().toDateString();
  const formats = dateFormats();
  return (
    <time dateTime={time.toISOString()} title={formats.full.format(time)}>
      {(today ? formats.time : formats.day).format(time)}
    </time>
  );
}
