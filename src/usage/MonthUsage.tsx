import { MonthBudget } from "./MonthBudget.tsx";
import styles from "./UsageTable.module.css";
import { UsageTable } from "./UsageTable.tsx";
import { useUsageTexts } from "./usageTexts.ts";

/** What all replies of this month took, for the settings. */
export function MonthUsage() {
  const text = useUsageTexts();
  return (
    <section className={styles.month}>
      <h3 className={styles.heading}>{text.usage}</h3>
      <UsageTable of={null} />
      <MonthBudget />
    </section>
  );
}
