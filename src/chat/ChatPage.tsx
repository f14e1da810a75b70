import { useEffect, useMemo } from "react";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { navigate, type Route } from "../app/route.ts";
import { Composer } from "../composer/Composer.tsx";
import { COMPOSER_ID } from "../composer/focusComposer.ts";
import { useText } from "../i18n/catalogue.ts";
import { useViewerQuery } from "../session/session.ts";
import { Button } from "../ui/Button.tsx";
import { ErrorBoundary } from "../ui/ErrorBoundary.tsx";
import { ChatHeader } from "./ChatHeader.tsx";
import styles from "./ChatPage.module.css";
import { asMessageId, asTaskId, viewKeyOf } from "./chatKeys.ts";
import { ChatView } from "./ChatView.tsx";
import type { ChatTask } from "./types.ts";
import { useMarkRead } from "./useMarkRead.ts";
import type { Place } from "./usePlace.ts";

/** The chat in the address, or one that does not exist yet. */
export function ChatPage({ route }: { route: Route }) {
  const text = useText();
  const wanted = route.kind === "chat" ? asTaskId(route.taskId) : null;
  const task = useViewerQuery(api.tasks.get, wanted === null ? "skip" : { taskId: wanted });
  const missing = route.kind === "chat" && (wanted === null || task === null);
  useMarkRead(task ?? null);
  // A new object at each navigation: the same search result may be opened twice.
  const place = useMemo<Place | null>(() => {
    const messageId = route.kind === "chat" ? asMessageId(route.messageId) : null;
    return messageId === null ? null : { messageId };
  }, [route]);

  const title = task?.title ?? "";
  useEffect(() => {
    document.title = title === "" ? text.appName : `${title} · ${text.appName}`;
  }, [title, text]);

  if (missing) {
    return (
      <div className={styles.page}>
        <ChatHeader title={text.appName} />
        {/* Without a composer, the link past the list leads here. */}
        <div id={COMPOSER_ID} tabIndex={-1} className={styles.missing}>
          <p>{text.chatMissing}</p>
          <Button onClick={() => navigate({ kind: "newChat" })}>{text.startNewChat}</Button>
        </div>
      </div>
    );
  }
  const viewKey = viewKeyOf(wanted);
  return (
    // For an invalid chat id, another query may fail before the chat is known to be missing.
    <ErrorBoundary resetKey={viewKey}>
      <Chat key={viewKey} taskId={wanted} task={task ?? null} place={place} />
    </ErrorBoundary>
  );
}

function Chat({
  taskId,
  task,
  place,
}: {
  taskId: Id<"tasks"> | null;
  task: ChatTask | null;
  place: Place | null;
}) {
  const text = useText();
  const viewKey = viewKeyOf(taskId);
  return (
    <div className={styles.page}>
      <ChatHeader title={task?.title ?? (taskId === null ? text.newChat : "…")} task={task} />
      <ErrorBoundary resetKey={viewKey}>
        <ChatView viewKey={viewKey} taskId={taskId} generating={task?.status === "RUNNING"} place={place} />
      </ErrorBoundary>
      <Composer viewKey={viewKey} taskId={taskId} task={task} />
    </div>
  );
}
