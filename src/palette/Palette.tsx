import { useState, type KeyboardEvent } from "react";
import { closeOverlay } from "../app/overlays.ts";
import { useText } from "../i18n/catalogue.ts";
import { cx } from "../ui/cx.ts";
import { Keys } from "../settings/Keys.tsx";
import { Sheet } from "../ui/Sheet.tsx";
import { markMatches } from "./matches.ts";
import styles from "./Palette.module.css";
import { usePaletteItems, type PaletteItem } from "./usePaletteItems.ts";

const LIST_ID = "palette-list";
const optionId = (index: number) => `palette-option-${index}`;

/** One box to find a chat, a message or a command. */
export function Palette() {
  const text = useText();
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const groups = usePaletteItems(query);
  const items = groups.flatMap((group) => group.items);
  const active = Math.min(chosen, Math.max(0, items.length - 1));

  const run = (item: PaletteItem | undefined) => {
    if (item === undefined) return;
    closeOverlay();
    item.run();
  };
  const choose = (index: number) => {
    const next = (index + items.length) % Math.max(1, items.length);
    setChosen(next);
    document.getElementById(optionId(next))?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown") choose(active + 1);
    else if (event.key === "ArrowUp") choose(active - 1);
    else if (event.key === "Enter") run(items[active]);
    else return;
    event.preventDefault();
  };

  return (
    <Sheet title={text.palette} bare onClose={closeOverlay} className={styles.palette}>
      <input
        className={styles.field}
        role="combobox"
        aria-label={text.palette}
        aria-expanded="true"
        aria-controls={LIST_ID}
        aria-activedescendant={items.length === 0 ? undefined : optionId(active)}
        aria-autocomplete="list"
        placeholder={text.palettePlaceholder}
        autoComplete="off"
        spellCheck={false}
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={LIST_ID} role="listbox" aria-label={text.palette} className={styles.list}>
        {groups.map((group) => (
          <div key={group.name} role="group" aria-label={group.name}>
            <div className={styles.group} aria-hidden="true">
              {group.name}
            </div>
            {group.items.map((item) => {
              const index = items.indexOf(item);
              return (
                <div
                  key={item.id}
                  id={optionId(index)}
                  role="option"
                  aria-selected={index === active}
                  className={cx(styles.option, index === active && styles.active)}
                  onPointerMove={() => setChosen(index)}
                  onClick={() => run(item)}
                >
                  <item.icon size={16} aria-hidden="true" />
                  <span className={styles.words}>
                    <span className={styles.label} dir="auto">
                      <Marked text={item.label} query={query} />
                    </span>
                    {item.detail !== undefined && (
                      <span className={styles.detail} dir="auto">
                        {item.detail}
                      </span>
                    )}
                  </span>
                  {item.keys !== undefined && <Keys keys={item.keys} />}
                </div>
              );
            })}
          </div>
        ))}
      </div>
      {items.length === 0 && (
        <p className={styles.none} role="status">
          {text.paletteEmpty}
        </p>
      )}
    </Sheet>
  );
}

const Marked = ({ text, query }: { text: string; query: string }) =>
  markMatches(text, query).map((piece, index) =>
    piece.matched ? <mark key={index}>{piece.text}</mark> : piece.text,
  );
