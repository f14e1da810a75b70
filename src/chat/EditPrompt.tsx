import { useConvex } from "convex/react";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { api } from "../../convex/_generated/api";
import { MAX_PROMPT_CHARS } from "../../convex/shared/limits";
import { reportFailure } from "../app/failures.ts";
import { clearDraft, draftStore, setDraftText } from "../composer/draftStore.ts";
import { composerIntent } from "../composer/keys.ts";
import { GrowingTextarea } from "../composer/GrowingTextarea.tsx";
import { useText } from "../i18n/catalogue.ts";
import { useStore } from "../lib/store.ts";
import { usePreferences } from "../preferences/preferences.ts";
import { Button } from "../ui/Button.tsx";
import { useConversation } from "./ConversationContext.ts";
import styles from "./EditPrompt.module.css";
import { startRun } from "./startRun.ts";
import type { Message } from "./types.ts";

/** Writes a prompt anew in its place. What is typed is kept like a draft until the server has it. */
export function EditPrompt({
  message,
  content,
  onDone,
}: {
  message: Message;
  content: string;
  onDone: () => void;
}) {
  const text = useText();
  const convex = useConvex();
  const { sendKey } = usePreferences();
  const { generating, onSent } = useConversation();
  const draftKey = `edit:${message._id}`;
  const draft = useStore(draftStore(draftKey));
  const [sending, setSending] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);

  useEffect(() => {
    if (draftStore(draftKey).get().text === "") setDraftText(draftKey, content);
    field.current?.focus();
  }, [draftKey, content]);

  const cancel = () => {
    clearDraft(draftKey);
    onDone();
  };
  const send = () => {
    const { text: wording, clientMessageId } = draftStore(draftKey).get();
    if (wording.trim() === "" || sending) return;
    setSending(true);
    convex
      .mutation(api.messages.edit, {
        messageId: message._id,
        clientMessageId,
        content: wording,
        whenBusy: generating ? "interrupt" : "reject",
      })
      .then(
        (receipt) => {
          startRun(convex, receipt.runId);
          onSent(clientMessageId);
          cancel();
        },
        (error: unknown) => {
          setSending(false);
          reportFailure(error);
        },
      );
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === "Escape" && !event.nativeEvent.isComposing) {
      event.stopPropagation();
      cancel();
      return;
    }
    const intent = composerIntent(event.nativeEvent, { sendKey, text: draft.text, generating: false });
    if (intent !== "send") return;
    event.preventDefault();
    send();
  };
  return (
    <div className={styles.edit}>
      <GrowingTextarea
        ref={field}
        aria-label={text.editLabel}
        value={draft.text}
        onChange={(event) => setDraftText(draftKey, event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div className={styles.buttons}>
        <Button look="quiet" onClick={cancel}>
          {text.cancel}
        </Button>
        <Button
          look="primary"
          onClick={send}
          disabled={sending || draft.text.trim() === "" || draft.text.length > MAX_PROMPT_CHARS}
        >
          {generating ? text.stopAndSend : text.saveEdit}
        </Button>
      </div>
    </div>
  );
}
