import { useState } from "react";
import type { Attachment } from "../files/draftFiles.ts";
import { PromptFiles } from "../files/PromptFiles.tsx";
import { useText } from "../i18n/catalogue.ts";
import { Chunks } from "../markdown/PlainText.tsx";
import { Button } from "../ui/Button.tsx";
import { cx } from "../ui/cx.ts";
import { Spoken } from "../ui/Spoken.tsx";
import styles from "./PromptBubble.module.css";

/** Characters or lines beyond which a prompt is folded: a pasted log should not push its answer away. */
const FOLD_CHARS = 1_500;
const FOLD_LINES = 18;

export const isLongPrompt = (content: string): boolean =>
  content.length > FOLD_CHARS || content.split("\n", FOLD_LINES + 1).length > FOLD_LINES;

/** The files of a prompt, and its words as typed. */
export function PromptBubble({ content, files }: { content: string; files: readonly Attachment[] }) {
  const text = useText();
  const [open, setOpen] = useState(false);
  const long = isLongPrompt(content);
  return (
    <div>
      <h2 className={styles.heading}>
        <Spoken>{text.youSaid}</Spoken>
      </h2>
      {files.length > 0 && <PromptFiles files={files} />}
      {content !== "" && (
        <div className={styles.bubble}>
          <div className={cx(styles.words, long && !open && styles.folded)} dir="auto">
            <Chunks text={content} />
          </div>
          {long && (
            <Button look="quiet" className={styles.more} aria-expanded={open} onClick={() => setOpen(!open)}>
              {open ? text.showLess : text.showAll}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
