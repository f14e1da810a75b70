import { DropdownMenu } from "radix-ui";
import { cx } from "./cx.ts";
import type { MenuEntry, MenuProps } from "./Menu.tsx";
import styles from "./Menu.module.css";

/** A menu from the moment it is first opened; keyboard and focus by Radix. */
export function OpenedMenu({ trigger, align = "end", label, entries }: MenuProps) {
  return (
    <DropdownMenu.Root defaultOpen modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className={styles.menu}
          align={align}
          sideOffset={4}
          collisionPadding={8}
          aria-label={label}
        >
          {entries.map((entry, index) => (
            // The entries of a menu do not move while it is open.
            <Entry key={index} entry={entry} />
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function Entry({ entry }: { entry: MenuEntry }) {
  switch (entry.kind) {
    case "item":
      return (
        <DropdownMenu.Item
          className={cx(styles.item, entry.danger && styles.danger)}
          onSelect={entry.onSelect}
        >
          {entry.icon}
          {entry.label}
        </DropdownMenu.Item>
      );
    case "separator":
      return <DropdownMenu.Separator className={styles.separator} />;
    case "choices":
      return (
        <DropdownMenu.RadioGroup value={entry.value} onValueChange={entry.onChange}>
          {entry.choices.map((choice) => (
            <DropdownMenu.RadioItem key={choice.value} value={choice.value} className={styles.item}>
              <span className={styles.choice}>
                {choice.label}
                {choice.hint !== undefined && <small>{choice.hint}</small>}
              </span>
              <DropdownMenu.ItemIndicator className={styles.tick}>✓</DropdownMenu.ItemIndicator>
            </DropdownMenu.RadioItem>
          ))}
        </DropdownMenu.RadioGroup>
      );
    default:
      return entry satisfies never;
  }
}
