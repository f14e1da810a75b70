import { useState } from "react";
import type { Id } from "../../convex/_generated/dataModel";
import { Loaded } from "../ui/Loaded.tsx";
import styles from "./ContextLine.module.css";
import { useUsageTexts } from "./usageTexts.ts";

const loadSheet = async () => (await import("./SummarySheet.tsx")).SummarySheet;

/**
 * Where the part of a chat begins that the model was sent for its last reply; what it was told of the rest can be read. `isWhole`: it was told
 * of all of it.
 */
export function ContextLine({
  summaryId,
  isWhole,
}: {
  summaryId: Id<"contextSummaries"> | null;
  isWhole: boolean;
}) {
  const text = useUsageTexts();
  const [open, setOpen] = useState(false);
  if (summaryId === null) {
    return (
      <p className={styles.line} role="note" title={text.cutHint}>
        {text.cut}
      </p>
    );
  }
  return (
    <>
      <p className={styles.line} role="note" title={text.cutHint}>
        <span>
          {isWhole ? text.summarised : text.summarisedPartly}{" "}
          <button type="button" className={styles.read} onClick={() => setOpen(true)}>
            {text.readSummary}
          </button>
        </span>
      </p>
      {open && (
        <Loaded load={loadSheet} onMissing={() => setOpen(false)} onRetry={() => setOpen(true)}>
          {(SummarySheet) => <SummarySheet id={summaryId} onClose={() => setOpen(false)} />}
        </Loaded>
      )}
    </>
  );
}
