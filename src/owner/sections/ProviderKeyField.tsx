import { useId } from "react";
import { Button } from "../../ui/Button.tsx";
import type { KeyEntry } from "./providerEntry.ts";
import styles from "./ProvidersSection.module.css";
import { useProvidersTexts } from "./providersTexts.ts";

interface Props {
  entry: KeyEntry;
  /** Is there one, which may be kept? It is never shown. */
  hasKey: boolean;
  fault: string | null;
  onChange: (entry: KeyEntry) => void;
}

/** A provider's key: typed, or kept as it is, or taken away. */
export function ProviderKeyField({ entry, hasKey, fault, onChange }: Props) {
  const text = useProvidersTexts();
  const id = useId();
  const note = fault ?? text.keyHint;
  return (
    <div className={styles.field}>
      {entry.kind === "set" ? (
        <label htmlFor={id}>{text.key}</label>
      ) : (
        <span>
          {text.key}: {entry.kind === "keep" ? text.keySet : text.keyRemoved}
        </span>
      )}
      {entry.kind === "set" && (
        <input
          id={id}
          className={styles.input}
          type="password"
          autoComplete="off"
          spellCheck={false}
          value={entry.apiKey}
          aria-invalid={fault !== null}
          aria-describedby={`${id}-note`}
          onChange={(event) => onChange({ kind: "set", apiKey: event.currentTarget.value })}
        />
      )}
      {hasKey && (
        <div className={styles.keyButtons}>
          {entry.kind === "keep" && (
            <>
              <Button
                aria-label={text.replaceKey}
                aria-describedby={`${id}-note`}
                data-wrong={fault !== null}
                onClick={() => onChange({ kind: "set", apiKey: "" })}
              >
                {text.replace}
              </Button>
              <Button look="danger" aria-label={text.removeKey} onClick={() => onChange({ kind: "remove" })}>
                {text.remove}
              </Button>
            </>
          )}
          {entry.kind !== "keep" && (
            <Button onClick={() => onChange({ kind: "keep" })}>{text.keepKey}</Button>
          )}
        </div>
      )}
      <small id={`${id}-note`} className={styles.note} data-wrong={fault !== null}>
        {note}
      </small>
    </div>
  );
}
