import { useConvex, type ConvexReactClient } from "convex/react";
import { useEffect, useState } from "react";
import { api } from "../../../convex/_generated/api";
import type { Id } from "../../../convex/_generated/dataModel";
import { monthBegins, monthOf } from "../../../convex/shared/spending";
import type { Spent } from "./limits.ts";

type All = ReadonlyMap<Id<"users">, Spent>;

async function load(convex: ConvexReactClient): Promise<All> {
  const from = monthBegins(monthOf(Date.now()));
  const all = new Map<Id<"users">, Spent>();
  let before: number | null = null;
  do {
    const page: { people: ({ userId: Id<"users"> } & Spent)[]; before: number | null } = await convex.query(
      api.budgets.spent,
      { from, before },
    );
    for (const { userId, dollars, tokens } of page.people) {
      const sum = all.get(userId) ?? { dollars: 0, tokens: 0 };
      all.set(userId, { dollars: sum.dollars + dollars, tokens: sum.tokens + tokens });
    }
    before = page.before;
  } while (before !== null);
  return all;
}

/** What each person has spent this month, asked for once; null until it is there. */
export function useSpent(): All | "failed" | null {
  const convex = useConvex();
  const [spent, setSpent] = useState<All | "failed" | null>(null);
  useEffect(() => {
    let wanted = true;
    load(convex).then(
      (loaded) => wanted && setSpent(loaded),
      () => wanted && setSpent("failed"),
    );
    return () => {
      wanted = false;
    };
  }, [convex]);
  return spent;
}
