/** Budgets of what models cost: months and amounts, for the functions and the page. */

/** What a request is charged in: whole millionths of a dollar, or tokens where a model's price is not known. */
export type SpendingUnit = "money" | "tokens";

export const MICRODOLLARS = 1_000_000;

/** The calendar month of a point in time, in UTC: "2026-11". */
export const monthOf = (ms: number): string => new Date(ms).toISOString().slice(0, 7);

/** When a month begins, milliseconds; a budget renews when the next one does. */
export const monthBegins = (month: string): number => Date.parse(`${month}-01T00:00:00.000Z`);

export function renewalOf(month: string): number {
  const begins = new Date(monthBegins(month));
  return Date.UTC(begins.getUTCFullYear(), begins.getUTCMonth() + 1, 1);
}

/** "$1.50", "$0.0042"; "12,000 tokens". Rounded down: never more than there is. For messages in English. */
export function amountInEnglish(unit: SpendingUnit, amount: number): string {
  if (unit === "tokens") return `${amount.toLocaleString("en")} tokens`;
  const digits = amount > 0 && amount < MICRODOLLARS / 10 ? 4 : 2;
  const factor = 10 ** digits;
  const dollars = Math.floor((amount / MICRODOLLARS) * factor) / factor;
  return `$${dollars.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: digits })}`;
}
