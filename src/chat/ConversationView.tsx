import { usePaginatedQuery } from "convex/react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { textOf } from "../../convex/shared/parts";
import { rememberLastPrompt } from "../composer/lastPrompts.ts";
import { dropFromOutbox, outboxStore } from "../composer/outbox.ts";
import { useText } from "../i18n/catalogue.ts";
import { useStore } from "../lib/store.ts";
import { useSignedIn, useViewerQuery } from "../session/session.ts";
import { ConversationContext } from "./ConversationContext.ts";
import styles from "./ConversationView.module.css";
import { JumpToEnd } from "./JumpToEnd.tsx";
import { arrived, toTurns } from "./turns.ts";
import { TurnGroupView } from "./TurnGroupView.tsx";
import { createGrouping } from "./turnGroups.ts";
import { useConversationScroll } from "./useConversationScroll.ts";
import { useEarlier } from "./useEarlier.ts";
import { useStoredFollowUps } from "./useFollowUps.ts";
import { useNearness } from "./useNearness.ts";
import { usePlace, type Place } from "./usePlace.ts";
import { Welcome } from "./Welcome.tsx";

/** Messages read at first, and with each step upwards: even, so that a page seldom cuts a turn in two. */
const FIRST_PAGE = 20;
const NEXT_PAGE = 30;

interface Props {
  viewKey: string;
  taskId: Id<"tasks"> | null;
  generating: boolean;
  place: Place | null;
}

/** The turns of a chat, in a view that follows their end. */
export function ConversationView({ viewKey, taskId, generating, place }: Props) {
  const text = useText();
  const signedIn = useSignedIn();
  const { results, status, loadMore } = usePaginatedQuery(
    api.messages.list,
    signedIn && taskId !== null ? { taskId } : "skip",
    { initialNumItems: FIRST_PAGE },
  );
  const queue = useViewerQuery(api.queue.list, taskId === null ? "skip" : { taskId });
  // Shown by the last turn: asked for here, it comes with the messages.
  useStoredFollowUps(taskId);
  const outbox = useStore(outboxStore);
  const entries = useMemo(() => outbox.filter((entry) => entry.chatKey === viewKey), [outbox, viewKey]);
  const turns = useMemo(() => toTurns(results, entries, status !== "Exhausted"), [results, entries, status]);

  useEffect(() => {
    const queued = new Set(queue?.map((prompt) => prompt.clientMessageId));
    dropFromOutbox(arrived(results, entries, queued));
  }, [results, entries, queue]);

  const lastPrompt = turns.findLast((turn) => turn.prompt !== null)?.prompt;
  useEffect(() => {
    if (lastPrompt) rememberLastPrompt(lastPrompt.taskId, textOf(lastPrompt.parts));
  }, [lastPrompt]);

  const [grouping] = useState(createGrouping);
  const groups = useMemo(() => grouping(turns), [grouping, turns]);
  const { scroller, content, jumpShown, jumpToEnd, anchorSent, keepPlace, showTurn } = useConversationScroll(
    turns[0]?.key,
  );
  const wanted = usePlace(place, turns, status, loadMore, showTurn);
  const observeNearness = useNearness(scroller);
  const [anchored, setAnchored] = useState<string | null>(null);
  const onSent = useCallback((turnKey: string) => setAnchored(turnKey), []);

  // A prompt that was just sent from this view goes to the top of it.
  const newest = entries.findLast((entry) => entry.state.kind === "sending")?.clientMessageId;
  const [newestSeen, setNewestSeen] = useState(newest);
  if (newest !== newestSeen) {
    setNewestSeen(newest);
    if (newest !== undefined) setAnchored(newest);
  }
  const anchorPresent = anchored !== null && turns.at(-1)?.key === anchored;
  useEffect(() => {
    if (anchorPresent) anchorSent();
  }, [anchored, anchorPresent, anchorSent]);

  const earlier = useEarlier(scroller, results.length, status === "CanLoadMore", () => loadMore(NEXT_PAGE));
  const conversation = useMemo(
    () => ({ taskId, generating, onSent, observeNearness, keepPlace }),
    [taskId, generating, onSent, observeNearness, keepPlace],
  );
  const loading = taskId !== null && status === "LoadingFirstPage" && turns.length === 0;

  return (
    <ConversationContext value={conversation}>
      <div className={styles.frame}>
        <div
          ref={scroller}
          className={styles.scroller}
          tabIndex={0}
          role="region"
          aria-label={text.conversation}
        >
          <div ref={content} className={styles.content}>
            {status === "CanLoadMore" || status === "LoadingMore" ? (
              <p ref={earlier} className={styles.earlier}>
                {text.earlierMessages}
              </p>
            ) : null}
            {loading && <LoadingTurns label={text.loadingMessages} />}
            {taskId === null && turns.length === 0 && <Welcome />}
            {groups.map((group, index) => (
              <TurnGroupView
                key={group.key}
                group={group}
                last={index === groups.length - 1}
                anchored={anchored}
                wanted={wanted}
              />
            ))}
          </div>
        </div>
        <JumpToEnd shown={jumpShown} onJump={jumpToEnd} />
      </div>
    </ConversationContext>
  );
}

const LoadingTurns = ({ label }: { label: string }) => (
  <div className={styles.loading} role="status" aria-label={label}>
    <i />
    <i />
    <i />
  </div>
);
