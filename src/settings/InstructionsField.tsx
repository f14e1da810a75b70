import { useId } from "react";
import type { Id } from "../../convex/_generated/dataModel";
import { MAX_INSTRUCTIONS_CHARS } from "../../convex/shared/limits";
import { useText } from "../i18n/catalogue.ts";
import { useInstructions } from "./instructions.ts";
import styles from "./InstructionsField.module.css";

/** What models are told before each reply: in one chat, or with `taskId: null` in all of them. Saved while one types. */
export function InstructionsField({ taskId, label }: { taskId: Id<"tasks"> | null; label: string }) {
  const text = useText();
  const instructions = useInstructions(taskId);
  const id = useId();
  const { state } = instructions;
  const notes = {
    loading: text.instructionsLoading,
    saving: text.instructionsSaving,
    tooLong: text.charactersOver(instructions.text.length - MAX_INSTRUCTIONS_CHARS),
    saved: instructions.text === "" ? "" : text.instructionsSaved,
  };
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        className={styles.box}
        rows={4}
        dir="auto"
        value={instructions.text}
        placeholder={text.instructionsPlaceholder}
        aria-describedby={`${id}-note`}
        aria-invalid={state === "tooLong"}
        // Until it is known what is there, typing would replace it unseen.
        readOnly={state === "loading"}
        onChange={(event) => instructions.type(event.currentTarget.value)}
      />
      <p id={`${id}-note`} className={styles.note}>
        <span>{text.instructionsHint}</span>
        <span role="status" data-over={state === "tooLong"} className={styles.state}>
          {notes[state]}
        </span>
      </p>
    </div>
  );
}
