import { useMutation } from "convex/react";
import { Fragment, useId, useState } from "react";
import { api } from "../../../convex/_generated/api";
import { reportFailure } from "../../app/failures.ts";
import { Button } from "../../ui/Button.tsx";
import { onEscape } from "../../ui/onEscape.ts";
import { numberOf } from "../format.ts";
import styles from "../Owner.module.css";
import { useOwnerTexts } from "../ownerTexts.ts";
import { limitInWords } from "./limitInWords.ts";
import type { Limit } from "./LimitsSection.tsx";
import { useLimitsTexts } from "./limitsTexts.ts";

/** One limit: what holds and what says so; the owner opens a field for another. */
export function LimitRow({ limit, group, isOwner }: { limit: Limit; group: string; isOwner: boolean }) {
  const text = useLimitsTexts();
  const { units, change } = useOwnerTexts();
  const [editing, setEditing] = useState(false);
  const { name, variable, unit, value, setBy, range } = limit;
  const label = text.names[name];
  return (
    <li className={styles.limit}>
      <span>{label}</span>
      <div className={styles.side}>
        <strong className={styles.amount}>{limitInWords(unit, value, units)}</strong>
        {isOwner && range !== null && !editing && (
          <Button aria-label={text.change(`${label} (${group})`)} onClick={() => setEditing(true)}>
            {change}
          </Button>
        )}
      </div>
      <small>
        <Breakable text={range === null ? text.onlyBy(variable) : text.setBy[setBy](variable)} />
      </small>
      {editing && range !== null && (
        <LimitForm limit={limit} range={range} label={label} onDone={() => setEditing(false)} />
      )}
    </li>
  );
}

/** The name of a variable breaks between its words, and is copied without the breaks. */
const Breakable = ({ text }: { text: string }) =>
  text.split("_").map((word, at) => (
    <Fragment key={at}>
      {at > 0 && (
        <>
          _<wbr />
        </>
      )}
      {word}
    </Fragment>
  ));

interface FormProps {
  limit: Limit;
  range: NonNullable<Limit["range"]>;
  label: string;
  onDone: () => void;
}

/** What is out of range is said, and not saved. */
function LimitForm({
  limit: { name, unit, value, setBy },
  range: { least, most },
  label,
  onDone,
}: FormProps) {
  const text = useLimitsTexts();
  const { cancel } = useOwnerTexts();
  const set = useMutation(api.people.setLimit);
  const [typed, setTyped] = useState(String(Math.floor(value)));
  const id = useId();
  const next = /^\d{1,9}$/.test(typed.trim()) ? Number(typed) : NaN;
  const isValid = next >= least && next <= most;
  const store = (to: number | null) => void set({ name, value: to }).then(onDone, reportFailure);
  return (
    <form
      className={styles.form}
      onKeyDown={onEscape(onDone)}
      onSubmit={(event) => {
        event.preventDefault();
        if (isValid) store(next);
      }}
    >
      <div className={styles.field}>
        <label htmlFor={id}>{label}</label>
        <span className={styles.side}>
          <input
            id={id}
            className={styles.number}
            inputMode="numeric"
            autoComplete="off"
            autoFocus
            value={typed}
            aria-invalid={!isValid}
            aria-describedby={`${id}-range`}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          {text.units[unit]}
        </span>
        <small id={`${id}-range`} className={styles.range} data-wrong={!isValid} aria-live="polite">
          {text.range(numberOf(least), numberOf(most))}
        </small>
      </div>
      <div className={styles.choices}>
        <Button onClick={onDone}>{cancel}</Button>
        {setBy === "owner" && <Button onClick={() => store(null)}>{text.back}</Button>}
        <Button look="primary" type="submit" disabled={!isValid}>
          {text.save}
        </Button>
      </div>
    </form>
  );
}
