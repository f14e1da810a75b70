import type { FunctionReturnType } from "convex/server";
import type { api } from "../../../convex/_generated/api";
import type { Id } from "../../../convex/_generated/dataModel";

export type Limit = FunctionReturnType<typeof api.budgets.list>["server"];

/** Dollars of what has a price, tokens of what has none. */
export type Spent = { readonly dollars: number; readonly tokens: number };

export const sameLimit = (a: Limit | null, b: Limit): boolean =>
  a === null || (a.dollars === b.dollars && a.tokens === b.tokens);

export const spentOf = (all: ReadonlyMap<Id<"users">, Spent>, userId: Id<"users">): Spent =>
  all.get(userId) ?? { dollars: 0, tokens: 0 };

/** What was typed: null for no limit, undefined for what is no number. A comma is a decimal point, as in German. */
export function limitIn(typed: string): number | null | undefined {
  const text = typed.trim().replace(/^\$\s*/, "");
  if (text === "") return null;
  return /^\d+([.,]\d*)?$/.test(text) ? Number(text.replace(",", ".")) : undefined;
}
