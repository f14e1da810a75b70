import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { useViewerQuery } from "../session/session.ts";
import { Sheet } from "../ui/Sheet.tsx";
import styles from "./SummarySheet.module.css";
import { useUsageTexts } from "./usageTexts.ts";

/** What the model was told of the older part of a chat, as it wrote it. */
export function SummarySheet({ id, onClose }: { id: Id<"contextSummaries">; onClose: () => void }) {
  const text = useUsageTexts();
  const summary = useViewerQuery(api.summaries.read, { summaryId: id });
  return (
    <Sheet title={text.summary} hint={text.summaryHint} onClose={onClose}>
      <p className={styles.text} dir="auto">
        {summary === undefined ? text.loading : (summary ?? text.summaryGone)}
      </p>
    </Sheet>
  );
}
