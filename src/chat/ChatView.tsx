import { useCallback, useEffect, useLayoutEffect, useMemo, useState } from "react";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { textOf } from "../../convex/shared/parts";
import { rememberLastPrompt } from "../composer/lastPrompts.ts";
import { dropFromOutbox, outboxStore, type OutboxEntry } from "../composer/outbox.ts";
import { useText } from "../i18n/catalogue.ts";
import { useStore } from "../lib/store.ts";
import { useViewerQuery } from "../session/session.ts";
import { ChatContext } from "./ChatContext.ts";
import styles from "./ChatView.module.css";
import { JumpToEnd } from "./JumpToEnd.tsx";
import type { Message } from "./types.ts";
import { contextStartOf } from "../usage/contextStart.ts";
import { arrived, sequenceOf, toTurns, type Turn } from "./turns.ts";
import { createGrouping } from "./turnGroups.ts";
import { turnsPart } from "./turnsPart.ts";
import { useChatScroll } from "./useChatScroll.ts";
import { useStoredFollowUps } from "./useFollowUps.ts";
import { useMessageWindow } from "./useMessageWindow.ts";
import { useNearEdge } from "./useNearEdge.ts";
import { useNearness } from "./useNearness.ts";
import { usePlace, type Place } from "./usePlace.ts";
import { Welcome } from "./Welcome.tsx";

const NO_MESSAGES: readonly Message[] = [];
const NO_ENTRIES: readonly OutboxEntry[] = [];
const NO_TURNS: readonly Turn[] = [];

interface Props {
  viewKey: string;
  taskId: Id<"tasks"> | null;
  generating: boolean;
  place: Place | null;
}

/** The turns of a chat, in a view that follows their end. */
export function ChatView({ viewKey, taskId, generating, place }: Props) {
  const text = useText();
  const messages = useMessageWindow(taskId, place !== null);
  const { held, moveTo, moveToEnd, moveAlong } = messages;
  const atEnd = held?.moreAfter !== true;
  const queue = useViewerQuery(api.queue.list, taskId === null ? "skip" : { taskId });
  // Shown by the last turn; requested here, it arrives with the messages.
  useStoredFollowUps(taskId);
  const outbox = useStore(outboxStore);
  const entries = useMemo(() => outbox.filter((entry) => entry.chatKey === viewKey), [outbox, viewKey]);
  const newestFirst = held?.newestFirst ?? NO_MESSAGES;
  const moreBefore = held?.moreBefore ?? true;
  const TurnGroupView = useStore(turnsPart);
  const canShow = TurnGroupView !== null;
  const turns = useMemo(
    () => (canShow ? toTurns(newestFirst, atEnd ? entries : NO_ENTRIES, moreBefore) : NO_TURNS),
    [canShow, newestFirst, entries, atEnd, moreBefore],
  );

  useEffect(() => {
    const queued = new Set(queue?.map((prompt) => prompt.clientMessageId));
    dropFromOutbox(arrived(newestFirst, entries, queued));
  }, [newestFirst, entries, queue]);

  const lastPrompt = atEnd ? turns.findLast((turn) => turn.prompt !== null)?.prompt : null;
  useEffect(() => {
    if (lastPrompt) rememberLastPrompt(lastPrompt.taskId, textOf(lastPrompt.parts));
  }, [lastPrompt]);

  const [grouping] = useState(createGrouping);
  const groups = useMemo(() => grouping(turns), [grouping, turns]);
  const { scroller, content, jumpShown, controller } = useChatScroll(turns[0]?.key, atEnd);
  const moves = useMemo(
    () => ({ moveTo, moveToEnd, show: (turnKey: string) => controller.showTurn(turnKey) }),
    [moveTo, moveToEnd, controller],
  );
  const wanted = usePlace(taskId, place, turns, moves);
  const observeNearness = useNearness(scroller);
  const [anchored, setAnchored] = useState<string | null>(null);
  const onSent = useCallback(
    (turnKey: string) => {
      setAnchored(turnKey);
      if (!atEnd) moveToEnd();
    },
    [atEnd, moveToEnd],
  );

  // A prompt just sent from this view goes to its top. A queued one moves nothing.
  const newest = entries.findLast(
    ({ state, whenBusy }) => state.kind === "sending" && whenBusy !== "queue",
  )?.clientMessageId;
  const [newestSeen, setNewestSeen] = useState(newest);
  if (newest !== newestSeen) {
    setNewestSeen(newest);
    if (newest !== undefined) onSent(newest);
  }
  const anchorPresent = anchored !== null && turns.at(-1)?.key === anchored;
  // Before the paint: the turn is as tall as the view from the first.
  useLayoutEffect(() => {
    if (anchorPresent) controller.anchorSent();
  }, [anchored, anchorPresent, controller]);

  /** The sequence at the top of the view, unless the view follows the end. */
  const seen = () => {
    const key = controller.seenKey();
    const turn = groups.find((group) => group.key === key)?.turns[0] ?? turns.find((one) => one.key === key);
    return turn === undefined ? null : sequenceOf(turn);
  };
  useEffect(() => {
    if (controller.seenKey() === null) moveAlong();
  }, [moveAlong, controller]);
  const earlier = useNearEdge(scroller, held, messages.canLoadEarlier, () => messages.loadEarlier(seen()));
  const later = useNearEdge(scroller, held, messages.canLoadLater, () => messages.loadLater(seen()));
  const start = atEnd ? contextStartOf(newestFirst) : null;
  const contextStart = start?.from ?? null;
  const summaryId = start?.summary?.id ?? null;
  const summarisedTo = start?.summary?.upTo ?? null;
  const [unfolded] = useState(() => new Set<string>());
  const chat = useMemo(
    () => ({
      taskId,
      generating,
      onSent,
      observeNearness,
      keepPlace: () => controller.keepPlace(),
      contextStart,
      summaryId,
      summarisedTo,
      unfolded,
    }),
    [
      taskId,
      generating,
      onSent,
      observeNearness,
      controller,
      contextStart,
      summaryId,
      summarisedTo,
      unfolded,
    ],
  );
  const awaited = taskId === null ? entries.length > 0 : held === null || !canShow;
  const loading = awaited && turns.length === 0;

  return (
    <ChatContext value={chat}>
      <div className={styles.frame}>
        <div ref={scroller} className={styles.scroller} tabIndex={0} role="region" aria-label={text.messages}>
          <div ref={content} className={styles.content} data-turns={turns.length > 0}>
            {held?.moreBefore === true && (
              <p ref={earlier} className={styles.more}>
                {text.earlierMessages}
              </p>
            )}
            {loading && <LoadingTurns label={text.loadingMessages} />}
            {taskId === null && !loading && turns.length === 0 && <Welcome />}
            {TurnGroupView !== null &&
              groups.map((group, index) => (
                <TurnGroupView
                  key={group.key}
                  group={group}
                  last={atEnd && index === groups.length - 1}
                  anchored={anchored}
                  wanted={wanted}
                />
              ))}
            {!atEnd && (
              <p ref={later} className={styles.more}>
                {text.laterMessages}
              </p>
            )}
          </div>
        </div>
        <JumpToEnd
          shown={jumpShown}
          onJump={() => {
            if (!atEnd) moveToEnd();
            controller.jumpToEnd();
          }}
        />
      </div>
    </ChatContext>
  );
}

const LoadingTurns = ({ label }: { label: string }) => (
  <div className={styles.loading} role="status" aria-label={label}>
    <i />
    <i />
    <i />
  </div>
);
