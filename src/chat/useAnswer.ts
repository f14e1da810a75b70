import { useConvex } from "convex/react";
import { useEffect, useMemo, useState } from "react";
import { api } from "../../convex/_generated/api";
import { mergeParts, type Part } from "../../convex/shared/parts";
import { useSignedIn, useViewerQuery } from "../session/session.ts";
import { AnswerFollower } from "./answerFollower.ts";
import { emptyLog, type AnswerLog } from "./answerLog.ts";
import { startRun } from "./startRun.ts";
import { isLive, type LiveTail, type Message } from "./types.ts";

export interface Answer {
  readonly parts: readonly Part[];
  /** Null when the answer is not live, or its tail is not here yet. */
  readonly tail: LiveTail | null;
}

/** An answer's content, growing while it is live. What it has shown stays shown while a piece is on its way. */
export function useAnswer(message: Message): Answer {
  const convex = useConvex();
  const live = isLive(message);
  const tail =
    useViewerQuery(api.streamingResponses.getStreamingResponse, live ? { messageId: message._id } : "skip") ??
    null;

  // Whoever sees a run that nobody has taken may start it; it is taken once.
  const unclaimed = tail?.runId ?? null;
  useEffect(() => {
    if (unclaimed !== null) startRun(convex, unclaimed);
  }, [convex, unclaimed]);

  const log = useLog(message);
  const parts = useMemo(
    () => (log.parts.length === 0 ? message.parts : mergeParts([...message.parts, ...log.parts])),
    [message.parts, log.parts],
  );
  return { parts, tail };
}

const NO_LOG = emptyLog(0);

/**
 * The rows of an answer's log that are not in its message. They are taken as they are sent, one after the other, and not when React
 * renders: then those between two renderings would have to be read once more.
 */
function useLog(message: Message): AnswerLog {
  const convex = useConvex();
  const signedIn = useSignedIn();
  const live = isLive(message);
  const { _id: messageId, omittedChunks } = message;
  const first = omittedChunks?.from ?? null;
  const to = omittedChunks?.to ?? 0;
  const [log, setLog] = useState(() => knownLogs.get(messageId) ?? NO_LOG);

  useEffect(() => {
    if (first === null || !signedIn) return;
    const follower = new AnswerFollower(first, {
      known: knownLogs.get(messageId) ?? NO_LOG,
      read: async (from, end) => {
        const pieces = await convex.query(api.streamingResponses.listChunks, { messageId, from, to: end });
        return pieces.map(({ index, ...piece }) => ({ from: index, ...piece }));
      },
      onGrowth: (grown) => {
        keepLog(messageId, grown);
        setLog(grown);
      },
    });
    follower.need(to);
    if (!live) return () => follower.close();
    const watch = convex.watchQuery(api.streamingResponses.getStreamingResponse, { messageId });
    const take = () => {
      const tail = resultOf(() => watch.localQueryResult());
      if (!tail) return;
      if (tail.tail === null) follower.need(tail.from);
      else follower.take({ from: tail.from, to: tail.from + 1, parts: tail.tail });
    };
    const stop = watch.onUpdate(take);
    take();
    return () => {
      stop();
      follower.close();
    };
  }, [convex, signedIn, messageId, live, first, to]);

  return first !== null && log.first === first ? log : NO_LOG;
}

/** The error of a query is thrown where it is rendered. */
function resultOf<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Answers of which the log is kept: one that comes back into view is at once as long as it was. */
const ANSWERS_KEPT = 50;
const knownLogs = new Map<Message["_id"], AnswerLog>();

function keepLog(messageId: Message["_id"], log: AnswerLog) {
  knownLogs.delete(messageId);
  knownLogs.set(messageId, log);
  const [oldest] = knownLogs.keys();
  if (knownLogs.size > ANSWERS_KEPT && oldest !== undefined) knownLogs.delete(oldest);
}
