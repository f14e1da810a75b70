import { useId, useState } from "react";
import { pageLocale } from "../../lib/pageLocale.ts";
import styles from "./BudgetsSection.module.css";
import { useBudgetTexts } from "./budgetTexts.ts";
import { limitIn, type Limit } from "./limits.ts";

interface Props {
  label: string;
  value: Limit;
  disabled: boolean;
  /** Null: something typed is no number. */
  onChange: (limit: Limit | null) => void;
}

/** Without points between the thousands, which a reader of another language would take for decimals. */
const typedOf = (value: number | null): string =>
  value?.toLocaleString(pageLocale(), { useGrouping: false, maximumFractionDigits: 2 }) ?? "";

/** A budget in dollars and in tokens; what is left empty has no limit. */
export function LimitFields({ label, value, disabled, onChange }: Props) {
  const text = useBudgetTexts();
  const id = useId();
  const [typed, setTyped] = useState({ dollars: typedOf(value.dollars), tokens: typedOf(value.tokens) });
  const change = (next: typeof typed) => {
    setTyped(next);
    const [dollars, tokens] = [limitIn(next.dollars), limitIn(next.tokens)];
    onChange(dollars === undefined || tokens === undefined ? null : { dollars, tokens });
  };
  const field = (unit: "dollars" | "tokens") => (
    <div className={styles.field}>
      <label htmlFor={`${id}-${unit}`}>{text.units[unit]}</label>
      <input
        id={`${id}-${unit}`}
        className={styles.input}
        inputMode="decimal"
        autoComplete="off"
        placeholder={text.noLimit}
        disabled={disabled}
        value={typed[unit]}
        aria-invalid={limitIn(typed[unit]) === undefined}
        onChange={(event) => change({ ...typed, [unit]: event.currentTarget.value })}
      />
    </div>
  );
  return (
    <fieldset className={styles.fields}>
      <legend>{label}</legend>
      {field("dollars")}
      {field("tokens")}
    </fieldset>
  );
}
