import { pageLocale } from "../lib/pageLocale.ts";
import { dollars } from "./money.ts";
import styles from "./UsageTable.module.css";
import { useUsageTexts } from "./usageTexts.ts";
import { useUsage, type UsageOf, type UsageSum } from "./useUsage.ts";

/** Tokens and cost of a reply, its chat and this month; without `of` those of the month alone. */
export function UsageTable({ of }: { of: UsageOf }) {
  const text = useUsageTexts();
  const usage = useUsage(of);
  if (usage === null || usage === "failed") {
    return <p className={styles.note}>{usage === null ? text.loading : text.failed}</p>;
  }
  const { reply, chat, month } = usage;
  if (reply === null && month.untold === month.runs) {
    return <p className={styles.note}>{month.runs === 0 ? text.nothing : text.untold(month.runs)}</p>;
  }
  const columns = [
    { label: text.reply, sum: reply },
    { label: text.chat, sum: chat },
    { label: text.month, sum: month },
  ].flatMap(({ label, sum }) => (sum === null ? [] : [{ label, sum }]));
  const tokens = (count: number, { runs, untold }: UsageSum): string =>
    runs > 0 && untold === runs ? text.unknown : count.toLocaleString(pageLocale());
  const cost = ({ runs, untold, unpriced, cost: known }: UsageSum): string => {
    const unknown = untold + unpriced;
    if (runs > 0 && unknown === runs) return text.unknown;
    return unknown === 0 ? dollars(known) : text.atLeast(dollars(known));
  };
  const rows: { label: string; part?: true; value: (sum: UsageSum) => string }[] = [
    { label: text.input, value: (sum) => tokens(sum.inputTokens, sum) },
    { label: text.cached, part: true, value: (sum) => tokens(sum.cachedTokens, sum) },
    { label: text.output, value: (sum) => tokens(sum.outputTokens, sum) },
    { label: text.reasoning, part: true, value: (sum) => tokens(sum.reasoningTokens, sum) },
    { label: text.cost, value: cost },
  ];
  return (
    <>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{text.tokens}</th>
            {columns.map(({ label }) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ label, part, value }) => (
            <tr key={label} className={part && styles.part}>
              <th scope="row">{label}</th>
              {columns.map((column) => (
                <td key={column.label}>{value(column.sum)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {month.untold > 0 && <p className={styles.note}>{text.untold(month.untold)}</p>}
      {month.estimated > 0 && <p className={styles.note}>{text.estimated(month.estimated)}</p>}
      {month.unpriced > 0 && <p className={styles.note}>{text.unpriced(month.unpriced)}</p>}
      <p className={styles.note}>{text.note}</p>
    </>
  );
}
