import { pageLocale } from "../lib/pageLocale.ts";
import type { UsageSum } from "./useUsage.ts";

/** US dollars in the reader's language: small amounts keep two digits that say something. "US$" is too wide for a phone, and said once where sums are shown. */
export function dollars(amount: number): string {
  const digits = amount > 0 && amount < 0.1 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 2 };
  return new Intl.NumberFormat(pageLocale(), {
    ...{ style: "currency", currency: "USD", currencyDisplay: "narrowSymbol" },
    ...digits,
  }).format(amount);
}

/** What a sum cost, in words; null where a part of it is not known, or nothing was run. */
export const knownCost = ({ runs, untold, unpriced, cost }: UsageSum): string | null =>
  runs === 0 || untold + unpriced > 0 ? null : dollars(cost);
