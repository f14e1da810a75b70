import { useConvex } from "convex/react";
import { useEffect, useMemo, useState } from "react";
import { api } from "../../convex/_generated/api";
import { MAX_CHUNKS_PER_READ } from "../../convex/shared/limits";
import type { Part } from "../../convex/shared/parts";
import { useViewerQuery } from "../session/session.ts";
import { firstMissing, neededRows, settledParts, withTail, type Rows } from "./answerLog.ts";
import { startRun } from "./startRun.ts";
import { isLive, type LiveTail, type Message } from "./types.ts";

/** ms before rows that could not be read are asked for again. */
const RETRY_MS = 2_000;

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
  const unclaimed = tail !== null && !tail.claimed ? tail.runId : null;
  useEffect(() => {
    if (unclaimed !== null) startRun(convex, unclaimed);
  }, [convex, unclaimed]);

  const range = useMemo(() => neededRows(message, tail), [message, tail]);
  const rows = useRows(message._id, range);
  const settled = useMemo(() => settledParts(message.parts, rows, range), [message.parts, rows, range]);
  const assembled = useMemo(() => (settled === null ? null : withTail(settled, tail)), [settled, tail]);

  const waitsForTail = live && tail === null;
  const [shown, setShown] = useState<readonly Part[]>(assembled ?? message.parts);
  const known = assembled !== null && !(waitsForTail && shown.length > 0);
  if (known && assembled !== shown) setShown(assembled);
  return { parts: known ? assembled : shown, tail };
}

/** Answers of which rows are kept: one that comes back into view is at once as long as it was. */
const ANSWERS_KEPT = 50;
const readRows = new Map<Message["_id"], Rows>();

function keepRows(messageId: Message["_id"], rows: Rows) {
  readRows.delete(messageId);
  readRows.set(messageId, rows);
  const [oldest] = readRows.keys();
  if (readRows.size > ANSWERS_KEPT && oldest !== undefined) readRows.delete(oldest);
}

/** The rows of an answer's log, each read once: they never change. */
function useRows(messageId: Message["_id"], range: ReturnType<typeof neededRows>): Rows {
  const convex = useConvex();
  const [rows, setRows] = useState<Rows>(() => readRows.get(messageId) ?? new Map());
  const [attempt, setAttempt] = useState(0);
  const from = firstMissing(rows, range);
  const to = from === null ? 0 : Math.min(range.readableTo, from + MAX_CHUNKS_PER_READ);

  useEffect(() => {
    if (from === null) return;
    let current = true;
    let retry: ReturnType<typeof setTimeout> | undefined;
    convex.query(api.streamingResponses.listChunks, { messageId, from, to }).then(
      (read) => {
        if (!current) return;
        if (read.length === 0) retry = setTimeout(() => setAttempt((count) => count + 1), RETRY_MS);
        else setRows((known) => new Map([...known, ...read.map((row) => [row.index, row.parts] as const)]));
      },
      () => {
        if (current) retry = setTimeout(() => setAttempt((count) => count + 1), RETRY_MS);
      },
    );
    return () => {
      current = false;
      clearTimeout(retry);
    };
  }, [convex, messageId, from, to, attempt]);

  useEffect(() => {
    if (rows.size > 0) keepRows(messageId, rows);
  }, [messageId, rows]);
  return rows;
}
