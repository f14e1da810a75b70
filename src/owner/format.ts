import { pageLocale } from "../lib/pageLocale.ts";

/** A time as a date, in the page's language. */
export const dateOf = (ms: number): string =>
  new Intl.DateTimeFormat(pageLocale(), { dateStyle: "medium" }).format(ms);

/** The same with the time of the day. */
export const timeOf = (ms: number): string =>
  new Intl.DateTimeFormat(pageLocale(), { dateStyle: "medium", timeStyle: "short" }).format(ms);

export const numberOf = (value: number): string => value.toLocaleString(pageLocale());
