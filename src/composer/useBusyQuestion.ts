import { useEffect, useEffectEvent, useRef, useState } from "react";
import type { Draft } from "./draftStore.ts";
import type { WhenBusy } from "./outbox.ts";

/** Milliseconds: who sends so shortly before the end of a reply means to send after it. */
const JUST_BEFORE_MS = 2_000;

type Words = Pick<Draft, "clientMessageId" | "text">;

interface BusyQuestion {
  /** Whether the page asks what is to be done. */
  asks: boolean;
  sendByKey: () => void;
  send: (whenBusy: WhenBusy) => void;
  dismiss: () => void;
}

/**
 * By key, sending while a reply is being written first says so and gives the choice; a second press queues. When the reply ends just after
 * the first press there is nothing left to choose, and the prompt is sent, unless it was changed meanwhile.
 */
export function useBusyQuestion(
  { generating, empty, draft }: { generating: boolean; empty: boolean; draft: Words },
  sendDraft: (whenBusy: WhenBusy) => void,
): BusyQuestion {
  const { clientMessageId, text } = draft;
  const [asking, setAsking] = useState(false);
  const askedFor = useRef<(Words & { at: number }) | null>(null);
  if (asking && !generating) setAsking(false);

  const dismiss = () => {
    setAsking(false);
    askedFor.current = null;
  };
  const send = (whenBusy: WhenBusy) => {
    dismiss();
    sendDraft(whenBusy);
  };
  const asks = asking && generating && !empty;
  const sendByKey = () => {
    if (!generating) send("reject");
    else if (asks) send("queue");
    else if (!empty) {
      setAsking(true);
      askedFor.current = { clientMessageId, text, at: Date.now() };
    }
  };

  const onIdle = useEffectEvent(() => {
    const asked = askedFor.current;
    askedFor.current = null;
    if (asked === null || Date.now() - asked.at >= JUST_BEFORE_MS) return;
    // Where a queue has begun its next reply meanwhile, it waits there.
    if (asked.clientMessageId === clientMessageId && asked.text === text) sendDraft("queue");
  });
  useEffect(() => {
    if (!generating) onIdle();
  }, [generating]);

  return { asks, sendByKey, send, dismiss };
}
