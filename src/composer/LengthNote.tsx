import { useEffect, useState } from "react";
import { MAX_PROMPT_CHARS } from "../../convex/shared/limits";
import { useText, type Catalogue } from "../i18n/catalogue.ts";
import { Spoken } from "../ui/Spoken.tsx";
import styles from "./LengthNote.module.css";

/** The share of the limit from which it is worth a word. */
const SHOWN_FROM = 0.8;
/** ms without a change after which it is spoken, too: not at each key. */
const SPOKEN_AFTER_MS = 1_000;

function wordsFor(length: number, text: Catalogue): string {
  if (length < MAX_PROMPT_CHARS * SHOWN_FROM) return "";
  const left = MAX_PROMPT_CHARS - length;
  return left >= 0 ? text.charactersLeft(left) : text.charactersOver(-left);
}

export function LengthNote({ length }: { length: number }) {
  const text = useText();
  const left = MAX_PROMPT_CHARS - length;
  const words = wordsFor(length, text);
  const [spoken, setSpoken] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSpoken(words), SPOKEN_AFTER_MS);
    return () => clearTimeout(timer);
  }, [words]);
  return (
    <>
      {words !== "" && (
        <span className={styles.note} data-over={left < 0} aria-hidden="true">
          {words}
        </span>
      )}
      <Spoken role="status">{spoken}</Spoken>
    </>
  );
}
