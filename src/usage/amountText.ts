import { pageLocale } from "../lib/pageLocale.ts";
import { dollars } from "./money.ts";
import { dollarsOf } from "./useMyBudgets.ts";

/** An amount of a budget in words. */
export const amountText = (
  unit: "money" | "tokens",
  amount: number,
  tokens: (count: string) => string,
): string => (unit === "money" ? dollars(dollarsOf(amount)) : tokens(amount.toLocaleString(pageLocale())));
