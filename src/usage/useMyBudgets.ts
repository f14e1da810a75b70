import type { FunctionReturnType } from "convex/server";
import { api } from "../../convex/_generated/api";
import { MICRODOLLARS, monthOf } from "../../convex/shared/spending";
import { useNow } from "../lib/useNow.ts";
import { useViewerQuery } from "../session/session.ts";

export type MyBudgets = FunctionReturnType<typeof api.budgets.mine>;
type Budget = MyBudgets["budgets"][number];

/** Of a budget: below this share of it a person is told what is left; below the other, that it is used up. */
const LOW = 1 / 10;
const USED_UP = 1 / 200;

/** What is to be said about the person's budgets; null for nothing. */
export type BudgetState =
  | {
      readonly whose: "person";
      readonly level: "low" | "usedUp";
      readonly budget: Budget;
      readonly left: number;
    }
  | { readonly whose: "server"; readonly level: "low" | "usedUp" };

/** The worst of them. What replies under way hold counts as left: their rest comes back. */
export function budgetState({ budgets, server }: MyBudgets): BudgetState | null {
  const own = budgets.flatMap((budget): BudgetState[] => {
    const left = Math.max(0, budget.limit - budget.spent);
    if (left <= budget.limit * USED_UP) return [{ whose: "person", level: "usedUp", budget, left }];
    return left <= budget.limit * LOW ? [{ whose: "person", level: "low", budget, left }] : [];
  });
  const all: BudgetState[] = server === null ? own : [...own, { whose: "server", level: server }];
  return all.find(({ level }) => level === "usedUp") ?? all[0] ?? null;
}

export const dollarsOf = (microdollars: number): number => microdollars / MICRODOLLARS;

const HOUR_MS = 60 * 60_000;

/** The person's budgets of this month; undefined until they are known. */
export function useMyBudgets(): MyBudgets | undefined {
  return useViewerQuery(api.budgets.mine, { month: monthOf(useNow(HOUR_MS)) });
}
