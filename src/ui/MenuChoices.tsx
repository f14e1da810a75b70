import { DropdownMenu } from "radix-ui";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { useMediaQuery } from "../lib/useMediaQuery.ts";
import { matchesQuery } from "../palette/matches.ts";
import type { MenuChoice, MenuEntry } from "./Menu.tsx";
import { cx } from "./cx.ts";
import styles from "./Menu.module.css";

/** Choices that are seen at a glance; more can be searched. */
const SEARCHED_FROM = 9;

/** One of several, with a field to search them where they are many. */
export function Choices({ entry }: { entry: Extract<MenuEntry, { kind: "choices" }> }) {
  const { choices, notes = [], search, value, onChange } = entry;
  const [query, setQuery] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const searched = search !== undefined && choices.length >= SEARCHED_FROM;
  const found =
    query.trim() === ""
      ? choices
      : choices.filter(({ label, hint, words }) =>
          matchesQuery(`${label} ${hint ?? ""} ${words ?? ""}`, query),
        );

  const withKeyboard = useMediaQuery("(pointer: fine)");
  useEffect(() => {
    if (!withKeyboard) return;
    // After Radix has given the focus to the menu. A phone's keyboard would hide the half of it.
    const frame = requestAnimationFrame(() => field.current?.focus());
    return () => cancelAnimationFrame(frame);
  }, [withKeyboard]);

  const onKeyDown = (event: KeyboardEvent) => {
    const items = event.currentTarget.querySelectorAll<HTMLElement>("[role=menuitemradio]");
    const inField = event.target === field.current;
    // A letter is for the search, wherever the focus is: the pointer takes it to the choice that it is over.
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && event.key !== " ")
      field.current?.focus();
    else if (!inField) return;
    else if (event.key === "ArrowDown") items[0]?.focus();
    else if (event.key === "Enter") items[0]?.click();
    else if (event.key === "Escape" || event.key === "Tab") return;
    event.stopPropagation();
  };
  return (
    <div onKeyDown={searched ? onKeyDown : undefined}>
      {searched && (
        <input
          ref={field}
          className={styles.search}
          aria-label={search.label}
          placeholder={search.label}
          autoComplete="off"
          spellCheck={false}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
      )}
      {notes.map(({ id, title, text }) => (
        <p key={id} className={styles.note} role="status" title={text}>
          <strong>{title}</strong> {text}
        </p>
      ))}
      <DropdownMenu.RadioGroup value={value} onValueChange={onChange}>
        {found.map((choice, index) => (
          <Choice key={choice.value} choice={choice} before={found[index - 1]} />
        ))}
      </DropdownMenu.RadioGroup>
      {searched && found.length === 0 && (
        <p className={styles.none} role="status">
          {search.none}
        </p>
      )}
    </div>
  );
}

function Choice({ choice, before }: { choice: MenuChoice; before: MenuChoice | undefined }) {
  return (
    <>
      {choice.group !== undefined && choice.group !== before?.group && (
        <DropdownMenu.Label className={styles.group}>{choice.group}</DropdownMenu.Label>
      )}
      <DropdownMenu.RadioItem
        value={choice.value}
        className={cx(styles.item, before === undefined && styles.first)}
      >
        <span className={styles.choice}>
          {choice.label}
          {choice.hint !== undefined && <small>{choice.hint}</small>}
        </span>
        <DropdownMenu.ItemIndicator className={styles.tick}>✓</DropdownMenu.ItemIndicator>
      </DropdownMenu.RadioItem>
    </>
  );
}
