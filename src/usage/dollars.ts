import { pageLocale } from "../lib/pageLocale.ts";

/** Dollars: small amounts keep two digits that say something. */
export function dollars(amount: number): string {
  const digits = amount > 0 && amount < 0.1 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 2 };
  return new Intl.NumberFormat(pageLocale(), { style: "currency", currency: "USD", ...digits }).format(
    amount,
  );
}
