import { useConvex } from "convex/react";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { api } from "../../convex/_generated/api";
import { MAX_PROMPT_CHARS } from "../../convex/shared/limits";
import { reportFailure } from "../app/failures.ts";
import { clearDraft, draftStore, setDraftText } from "../composer/draftStore.ts";
import { goOnWriting } from "../composer/focusComposer.ts";
import { composerIntent } from "../composer/keys.ts";
import { GrowingTextarea } from "../composer/GrowingTextarea.tsx";
import { KeptFiles } from "../files/KeptFiles.tsx";
import type { Attachment } from "../files/draftFiles.ts";
import { useText } from "../i18n/catalogue.ts";
import { useStore } from "../lib/store.ts";
import { usePreferences } from "../preferences/preferences.ts";
import { Button } from "../ui/Button.tsx";
import { useChat } from "./ChatContext.ts";
import styles from "./EditPrompt.module.css";
import { startRun } from "./startRun.ts";
import type { Message } from "./types.ts";

/** Edits a prompt in place. What is typed is kept as a draft until the server has it. */
export function EditPrompt({
  message,
  content,
  files,
  onDone,
}: {
  message: Message;
  content: string;
  files: readonly Attachment[];
  onDone: () => void;
}) {
  const text = useText();
  const convex = useConvex();
  const { sendKey } = usePreferences();
  const { generating, onSent } = useChat();
  const draftKey = `edit:${message._id}`;
  const draft = useStore(draftStore(draftKey));
  const [sending, setSending] = useState(false);
  const [kept, setKept] = useState(files);
  const field = useRef<HTMLTextAreaElement>(null);

  const [typedHere, setTypedHere] = useState(false);
  // An empty draft is the prompt's own words, from the first frame on; only who empties it here sees it empty.
  const wording = draft.text === "" && !typedHere ? content : draft.text;

  useEffect(() => field.current?.focus(), []);

  const cancel = () => {
    clearDraft(draftKey);
    onDone();
  };
  const send = () => {
    if ((wording.trim() === "" && kept.length === 0) || sending) return;
    // Stored before it is sent, so that it is the same request after a reload.
    setDraftText(draftKey, wording);
    const { clientMessageId } = draftStore(draftKey).get();
    setSending(true);
    convex
      .mutation(api.messages.edit, {
        messageId: message._id,
        clientMessageId,
        content: wording,
        ...(files.length === 0 ? {} : { attachmentIds: kept.map(({ _id }) => _id) }),
        whenBusy: generating ? "interrupt" : "reject",
      })
      .then(
        (receipt) => {
          startRun(convex, receipt.runId);
          onSent(clientMessageId);
          const wasHere = document.activeElement === field.current;
          cancel();
          if (wasHere) goOnWriting();
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
    const intent = composerIntent(event.nativeEvent, { sendKey, text: wording, generating: false });
    if (intent !== "send") return;
    event.preventDefault();
    send();
  };
  return (
    <div className={styles.edit}>
      <KeptFiles files={kept} onChange={setKept} />
      <GrowingTextarea
        ref={field}
        aria-label={text.editLabel}
        value={wording}
        onChange={(event) => {
          setTypedHere(true);
          setDraftText(draftKey, event.currentTarget.value);
        }}
        onKeyDown={onKeyDown}
      />
      <div className={styles.buttons}>
        <Button look="quiet" onClick={cancel}>
          {text.cancel}
        </Button>
        <Button
          look="primary"
          onClick={send}
          disabled={
            sending || (wording.trim() === "" && kept.length === 0) || wording.length > MAX_PROMPT_CHARS
          }
        >
          {generating ? text.stopAndSend : text.saveEdit}
        </Button>
      </div>
    </div>
  );
}
