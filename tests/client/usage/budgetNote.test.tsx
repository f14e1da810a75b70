/** [G16] What a page says near the end of a budget, and when a send is refused: with what is left, and when it renews. */
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { api } from "../../../convex/_generated/api";
import { failure } from "../../../convex/shared/errors";
import { failureText } from "../../../src/app/failures.ts";
import { stateAfterFailure } from "../../../src/composer/useOutboxSender.ts";
import { BudgetNote } from "../../../src/usage/BudgetNote.tsx";
import { budgetState, type MyBudgets } from "../../../src/usage/useMyBudgets.ts";
import { FakeConvex } from "../support/fakeConvex.tsx";

const RENEWS = Date.UTC(2026, 11, 1);
const mine = (spent: number, more: Partial<MyBudgets> = {}): MyBudgets => ({
  budgets: [{ unit: "money", limit: 5_000_000, spent, reserved: 0 }],
  ...{ server: null, renewsAt: RENEWS, ...more },
});

let server: FakeConvex;
beforeEach(() => {
  document.documentElement.lang = "en";
  server = new FakeConvex();
});
afterEach(cleanup);

function note(budgets: MyBudgets): string | null {
  server.give(api.budgets.mine, budgets);
  render(
    <server.Page>
      <BudgetNote />
    </server.Page>,
  );
  return screen.queryByRole("status")?.textContent ?? null;
}

describe("[G16] the line above the field one writes in", () => {
  test("is not there without a budget, or while there is plenty", () => {
    expect(note(mine(0, { budgets: [] }))).toBeNull();
    cleanup();
    expect(note(mine(4_000_000))).toBeNull();
  });

  test("says what is left near the end, and when it renews", () => {
    expect(note(mine(4_580_000))).toBe("$0.42 left of your budget for this month. It renews on December 1.");
  });

  test("says when it is used up: also a budget of nothing", () => {
    expect(note(mine(5_100_000))).toBe("Your budget for this month is used up. It renews on December 1.");
    const nothing = mine(0, { budgets: [{ unit: "tokens", limit: 0, spent: 0, reserved: 0 }] });
    expect(budgetState(nothing)?.level).toBe("usedUp");
  });

  test("tells of the server's budget, unless the person's own is used up", () => {
    expect(note(mine(0, { server: "low" }))).toMatch(/^This server's budget .* nearly used up/);
    expect(budgetState(mine(5_000_000, { server: "usedUp" }))?.whose).toBe("person");
    expect(budgetState(mine(4_900_000, { server: "usedUp" }))?.whose).toBe("server");
  });
});

describe("[G13, G16] a refused send", () => {
  const refused = (scope: "person" | "server", held: number) =>
    failure("BUDGET_USED_UP", "In English", {
      scope,
      budget: { unit: "money", left: 12_300, held, renewsAt: RENEWS },
    });

  test("says what is left, what is held and when it renews", () => {
    expect(failureText(refused("person", 0))).toBe(
      "What is left of your budget for this month, $0.012, is too little for this reply. It renews on December 1.",
    );
    expect(failureText(refused("server", 5))).toContain("Some is held for replies that are being written.");
  });

  test("keeps the prompt where it can be sent again", () => {
    expect(stateAfterFailure(refused("person", 0))).toMatchObject({ kind: "failed" });
  });
});
