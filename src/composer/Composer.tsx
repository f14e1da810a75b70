import { useMutation } from "convex/react";
import { Suspense, type KeyboardEvent } from "react";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { MAX_PROMPT_CHARS } from "../../convex/shared/limits";
import { reportFailure } from "../app/failures.ts";
import type { ChatTask } from "../chat/types.ts";
import { comparedModels } from "../compare/comparedModels.ts";
import { DropHint } from "../files/DropHint.tsx";
import { useComposerFiles, useWaitingSend } from "../files/useComposerFiles.ts";
import { usePageFiles } from "../files/usePageFiles.ts";
import { WaitingNotice } from "../files/WaitingNotice.tsx";
import { stopWaiting, waitToSend } from "../files/waitingSends.ts";
import { useText } from "../i18n/catalogue.ts";
import { useStore } from "../lib/store.ts";
import { useIsNarrow } from "../lib/useMediaQuery.ts";
import { usePreferences } from "../preferences/preferences.ts";
import { useViewerQuery } from "../session/session.ts";
import { ErrorBoundary } from "../ui/ErrorBoundary.tsx";
import { lazyPart } from "../ui/lazyPart.ts";
import { BusyNotice } from "./BusyNotice.tsx";
import styles from "./Composer.module.css";
import { ComposerButton } from "./ComposerButton.tsx";
import { ComposerChoices, ComposerNotes } from "./ComposerParts.tsx";
import { draftKeyOf } from "./draftKeys.ts";
import { changedDraft, clearDraft, draftStore, setDraftText } from "./draftStore.ts";
import { COMPOSER_ID, focusComposer, goOnWriting } from "./focusComposer.ts";
import { GrowingTextarea } from "./GrowingTextarea.tsx";
import { composerIntent } from "./keys.ts";
import { LengthNote } from "./LengthNote.tsx";
import { takeNewChatSettings } from "./newChatSettings.ts";
import { newChatTools } from "./newChatTools.ts";
import { addToOutbox, outboxStore, type WhenBusy } from "./outbox.ts";
import { StopButton } from "./StopButton.tsx";
import { useBusyQuestion } from "./useBusyQuestion.ts";
import { useModelChoice } from "./useModelChoice.ts";
import { useRecall } from "./useRecall.ts";
import { useServerDraft } from "./useServerDraft.ts";
import { useStop } from "./useStop.ts";
import { useStopKey } from "./useStopKey.ts";

const QueueTray = lazyPart(async () => (await import("./QueueTray.tsx")).QueueTray);
const DraftFiles = lazyPart(async () => (await import("../files/DraftFiles.tsx")).DraftFiles);

interface Props {
  viewKey: string;
  taskId: Id<"tasks"> | null;
  task: ChatTask | null;
}

/** Where one writes. Never disabled: what cannot be sent yet is kept, queued, or waits. */
export function Composer({ viewKey, taskId, task }: Props) {
  const text = useText();
  const narrow = useIsNarrow();
  const { sendKey } = usePreferences();
  const draftKey = draftKeyOf(taskId);
  const draft = useStore(draftStore(draftKey));
  const onItsWay = useStore(outboxStore).some(
    (entry) =>
      entry.chatKey === viewKey && (entry.state.kind === "sending" || entry.state.kind === "accepted"),
  );
  const generating = task?.status === "RUNNING" || onItsWay;
  const choice = useModelChoice(task);
  const compared = useStore(comparedModels);
  const { stop, stopping } = useStop(viewKey, taskId);
  const recall = useRecall(taskId);
  useServerDraft(taskId);
  const queue = useViewerQuery(api.queue.list, taskId === null ? "skip" : { taskId });
  const resume = useMutation(api.queue.resume);

  const { files, state: filesState, attach } = useComposerFiles(taskId);
  const filesHeld = usePageFiles(attach);
  const empty = draft.text.trim() === "" && files.length === 0;
  const tooLong = draft.text.length > MAX_PROMPT_CHARS;

  const send = (whenBusy: WhenBusy) => {
    if (empty || tooLong) return;
    if (filesState !== "ready") {
      waitToSend(draftKey, whenBusy);
      return;
    }
    addToOutbox({
      clientMessageId: draft.clientMessageId,
      chatKey: viewKey,
      taskId,
      content: draft.text,
      files: files.flatMap((file) => (file.kind === "attached" ? file.file : [])),
      model: choice.forSend,
      ...(taskId === null && { settings: takeNewChatSettings() }),
      tools: taskId === null ? newChatTools.get() : [],
      models: compared,
      whenBusy,
    });
    comparedModels.set(null);
    clearDraft(draftKey);
    if (taskId === null) newChatTools.set([]);
  };
  const waiting = useWaitingSend(draftKey, filesState, send);
  const question = useBusyQuestion({ generating, empty, draft }, send);
  const sendByPress = (whenBusy: WhenBusy) => {
    question.send(whenBusy);
    goOnWriting();
  };
  const onEscape = () => {
    if (question.asks) question.dismiss();
    else stop();
  };
  useStopKey(generating, onEscape);

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const intent = composerIntent(event.nativeEvent, { sendKey, text: draft.text, generating });
    switch (intent) {
      case "type":
        return;
      case "send":
        event.preventDefault();
        question.sendByKey();
        return;
      case "stop":
        event.preventDefault();
        onEscape();
        return;
      case "recall":
        if (recall()) event.preventDefault();
        return;
      default:
        intent satisfies never;
    }
  };

  return (
    <div className={styles.place}>
      <form
        className={styles.composer}
        onSubmit={(event) => {
          event.preventDefault();
          sendByPress(generating ? "queue" : "reject");
        }}
      >
        {taskId !== null && queue !== undefined && queue.length > 0 && (
          <ErrorBoundary fallback={null}>
            <Suspense fallback={null}>
              <QueueTray
                taskId={taskId}
                paused={task?.queuePaused === true}
                onResume={() => void resume({ taskId }).catch(reportFailure)}
              />
            </Suspense>
          </ErrorBoundary>
        )}
        <ComposerNotes task={task} />
        {question.asks && (
          <BusyNotice onQueue={() => sendByPress("queue")} onInterrupt={() => sendByPress("interrupt")} />
        )}
        {waiting && <WaitingNotice failed={filesState === "failed"} onCancel={() => stopWaiting(draftKey)} />}
        <div className={styles.box}>
          {files.length > 0 && (
            <Suspense fallback={null}>
              <DraftFiles
                taskId={taskId}
                files={files}
                onChange={() => changedDraft(draftKey)}
                onFocusLost={focusComposer}
              />
            </Suspense>
          )}
          <GrowingTextarea
            id={COMPOSER_ID}
            aria-label={text.composerLabel}
            placeholder={text.composerPlaceholder}
            enterKeyHint={sendKey === "enter" ? "send" : "enter"}
            autoComplete="off"
            // A phone's keyboard would cover the page before one has read it.
            autoFocus={!narrow}
            value={draft.text}
            onChange={(event) => setDraftText(draftKey, event.currentTarget.value)}
            onKeyDown={onKeyDown}
          />
          <div className={styles.bar}>
            <ComposerChoices task={task} onFiles={attach} />
            <span className={styles.space} />
            <LengthNote length={draft.text.length} />
            {/* A phone has no Escape: one can stop with a text half written, too. */}
            {generating && (
              <StopButton
                quiet={!empty}
                stopping={stopping}
                onStop={() => {
                  stop();
                  goOnWriting();
                }}
              />
            )}
            {!(generating && empty) && <ComposerButton queues={generating} disabled={tooLong || empty} />}
          </div>
        </div>
      </form>
      {filesHeld && <DropHint />}
      <p className={styles.disclaimer}>{text.disclaimer}</p>
    </div>
  );
}
