import { useConvex } from "convex/react";
import { useEffect, useMemo, useState } from "react";
import { api } from "../../convex/_generated/api";
import { mergeParts, type Part } from "../../convex/shared/parts";
import { useSignedIn, useViewerQuery } from "../session/session.ts";
import { AnswerFollower } from "./answerFollower.ts";
import { emptyLog, type AnswerLog } from "./answerLog.ts";
import { isLive, type LiveTail, type Message } from "./types.ts";

export interface Answer {
  readonly parts: readonly Part[];
  /** Null if the answer is not live, or its tail has not arrived yet. */
  readonly tail: LiveTail | null;
}

/** An answer's content, growing while it is live. What has been shown stays while a missing piece is being read. */
export function useAnswer(message: Message): Answer {
  const live = isLive(message);
  const tail =
    useViewerQuery(api.streamingResponses.getStreamingResponse, live ? { messageId: message._id } : "skip") ??
    null;

  const log = useLog(message);
  const parts = useMemo(
    () => (log.parts.length === 0 ? message.parts : mergeParts([...message.parts, ...log.parts])),
    [message.parts, log.parts],
  );
  return { parts, tail };
}

const NO_LOG = emptyLog(0);

/**
 * The rows of an answer's log that are not in its message. They are taken as they arrive, not when React renders: those that arrive
 * between two renders would be missed, and have to be read.
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

/** A query's error is thrown during rendering. */
function resultOf<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Answers whose log is kept, so that one which scrolls back into view has its full length at once. */
const ANSWERS_KEPT = 50;
const knownLogs = new Map<Message["_id"], AnswerLog>();

function keepLog(messageId: Message["_id"], log: AnswerLog) {
  knownLogs.delete(messageId);
  knownLogs.set(messageId, log);
  const [oldest] = knownLogs.keys();
  if (knownLogs.size > ANSWERS_KEPT && oldest !== undefined) knownLogs.delete(oldest);
}
