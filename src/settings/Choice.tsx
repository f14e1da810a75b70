import { RadioGroup } from "radix-ui";
import styles from "./Choice.module.css";

/** One of a few, side by side: arrow keys move between them. */
export function Choice<T extends string>({
  label,
  value,
  choices,
  onChange,
}: {
  label: string;
  value: T;
  choices: Readonly<Record<T, string>>;
  onChange: (value: T) => void;
}) {
  return (
    <RadioGroup.Root
      className={styles.group}
      aria-label={label}
      orientation="horizontal"
      value={value}
      // Radix gives back one of the values that stand below.
      onValueChange={(next) => onChange(next as T)}
    >
      {(Object.entries(choices) as [T, string][]).map(([option, name]) => (
        <RadioGroup.Item key={option} value={option} className={styles.option}>
          {name}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
