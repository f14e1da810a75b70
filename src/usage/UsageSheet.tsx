import { Sheet } from "../ui/Sheet.tsx";
import { MonthBudget } from "./MonthBudget.tsx";
import { UsageTable } from "./UsageTable.tsx";
import { useUsageTexts } from "./usageTexts.ts";
import type { UsageOf } from "./useUsage.ts";

/** What a reply took, opened from it. */
export function UsageSheet({ of, onClose }: { of: UsageOf; onClose: () => void }) {
  const text = useUsageTexts();
  return (
    <Sheet title={text.usage} onClose={onClose}>
      <UsageTable of={of} />
      <MonthBudget />
    </Sheet>
  );
}
