import { useState } from "react";
import { MAX_COMPARED, MIN_COMPARED } from "../../convex/shared/limits";
import { closeOverlay } from "../app/overlays.ts";
import { modelsStore } from "../composer/models.ts";
import { focusComposer } from "../composer/focusComposer.ts";
import { useText } from "../i18n/catalogue.ts";
import { readStored, writeStored } from "../lib/storage.ts";
import { useStore } from "../lib/store.ts";
import { matchesQuery } from "../palette/matches.ts";
import { Button } from "../ui/Button.tsx";
import { Sheet } from "../ui/Sheet.tsx";
import { comparedModels } from "./comparedModels.ts";
import styles from "./CompareSheet.module.css";

const LAST_KEY = "verbatim:compared";
/** Models that are seen at a glance; more can be searched. */
const SEARCHED_FROM = 9;

/** What was compared last in this browser, as far as it is still there. */
function lastCompared(ids: readonly string[]): string[] {
  const stored = readStored(LAST_KEY);
  return Array.isArray(stored) ? ids.filter((id) => stored.includes(id)).slice(0, MAX_COMPARED) : [];
}

/** Chooses the models that the next message goes to. */
export function CompareSheet() {
  const text = useText();
  const models = useStore(modelsStore)?.models ?? [];
  const [chosen, setChosen] = useState<readonly string[]>(
    () => comparedModels.get() ?? lastCompared(models.map(({ id }) => id)),
  );
  const [query, setQuery] = useState("");
  const found =
    query.trim() === "" ? models : models.filter(({ id, name }) => matchesQuery(`${name} ${id}`, query));
  const full = chosen.length >= MAX_COMPARED;
  const toggle = (id: string) =>
    setChosen((before) => (before.includes(id) ? before.filter((other) => other !== id) : [...before, id]));
  const close = (compared: readonly string[] | null) => {
    comparedModels.set(compared);
    if (compared !== null) writeStored(LAST_KEY, compared);
    closeOverlay();
    // The sheet holds the focus until it is gone.
    requestAnimationFrame(focusComposer);
  };
  return (
    <Sheet title={text.compare.title} hint={text.compare.hint} onClose={closeOverlay}>
      {models.length >= SEARCHED_FROM && (
        <input
          className={styles.search}
          aria-label={text.searchModels}
          placeholder={text.searchModels}
          autoComplete="off"
          spellCheck={false}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
      )}
      <ul className={styles.models}>
        {found.map(({ id, name }) => (
          <li key={id}>
            <label className={styles.model}>
              <input
                type="checkbox"
                className={styles.box}
                checked={chosen.includes(id)}
                disabled={full && !chosen.includes(id)}
                onChange={() => toggle(id)}
              />
              <span className={styles.name}>{name}</span>
            </label>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p role="status">{text.noSuchModel}</p>}
      <div className={styles.foot}>
        {comparedModels.get() !== null && (
          <Button look="quiet" onClick={() => close(null)}>
            {text.compare.off}
          </Button>
        )}
        <Button look="primary" disabled={chosen.length < MIN_COMPARED} onClick={() => close(chosen)}>
          {text.compare.count(chosen.length)}
        </Button>
      </div>
    </Sheet>
  );
}
