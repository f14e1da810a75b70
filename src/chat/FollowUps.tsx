import { useState, type MouseEvent } from "react";
import { newId } from "../composer/draftStore.ts";
import { focusComposer, goOnWriting } from "../composer/focusComposer.ts";
import { addToOutbox } from "../composer/outbox.ts";
import { useText } from "../i18n/catalogue.ts";
import { cx } from "../ui/cx.ts";
import { viewKeyOf } from "./chatKeys.ts";
import styles from "./FollowUps.module.css";
import type { Message } from "./types.ts";
import { useFollowUps } from "./useFollowUps.ts";

/** What may be sent next, below the chat's last answer: a press sends it. It disappears with the next prompt. */
export function FollowUps({ answer }: { answer: Message }) {
  const text = useText();
  const { suggestions, expected } = useFollowUps(answer);
  // One id for all of them: whichever is pressed, however often, one is sent, once.
  const [clientMessageId] = useState(newId);
  if (suggestions.length === 0)
    return expected && <div className={styles.place} data-follow-ups="expected" />;

  const send = (content: string, event: MouseEvent) => {
    const { taskId } = answer;
    addToOutbox({
      ...{ clientMessageId, taskId, content, files: [] },
      chatKey: viewKeyOf(taskId),
      ...{ model: null, models: null },
      whenBusy: "reject",
    });
    // The button disappears. A key press on a phone comes from a keyboard that covers nothing.
    if (event.detail === 0) focusComposer();
    else goOnWriting();
  };
  return (
    <div className={cx(expected && styles.place)}>
      <ul className={styles.followUps} aria-label={text.suggestedNext}>
        {suggestions.map((suggestion) => (
          <li key={suggestion}>
            <button
              type="button"
              className={styles.followUp}
              aria-label={text.sendSuggestion(suggestion)}
              dir="auto"
              onClick={(event) => send(suggestion, event)}
            >
              {suggestion}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
