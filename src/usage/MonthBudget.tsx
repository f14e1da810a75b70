import { amountText } from "./amountText.ts";
import { renewalDate } from "./renewalDate.ts";
import styles from "./UsageTable.module.css";
import { useMyBudgets } from "./useMyBudgets.ts";
import { useUsageTexts } from "./usageTexts.ts";

/** What is left of the person's budgets, where they have any. */
export function MonthBudget() {
  const text = useUsageTexts();
  const mine = useMyBudgets();
  return mine?.budgets.map(({ unit, limit, spent }) => {
    const amount = (value: number) => amountText(unit, value, text.tokenAmount);
    const left = amount(Math.max(0, limit - spent));
    return (
      <p key={unit} className={styles.note}>
        {text.budget(left, amount(limit), renewalDate(mine.renewsAt))}
      </p>
    );
  });
}
