import { WalletMinimal } from "lucide-react";
import { amountText } from "./amountText.ts";
import styles from "./BudgetNote.module.css";
import { renewalDate } from "./renewalDate.ts";
import { budgetState, useMyBudgets, type BudgetState } from "./useMyBudgets.ts";
import { useUsageTexts } from "./usageTexts.ts";

/** Said above the field one writes in, when little or nothing is left of a budget. One can write and try all the same. */
export function BudgetNote() {
  const mine = useMyBudgets();
  const state = mine === undefined ? null : budgetState(mine);
  if (mine === undefined || state === null) return null;
  return (
    <div className={styles.note} data-level={state.level} role="status">
      <WalletMinimal size={16} aria-hidden="true" />
      <p>
        <Words state={state} renews={renewalDate(mine.renewsAt)} />
      </p>
    </div>
  );
}

function Words({ state, renews }: { state: BudgetState; renews: string }) {
  const text = useUsageTexts();
  if (state.whose === "server")
    return state.level === "low" ? text.serverLow(renews) : text.serverUsedUp(renews);
  if (state.level === "usedUp") return text.usedUp(renews);
  return text.low(amountText(state.budget.unit, state.left, text.tokenAmount), renews);
}
