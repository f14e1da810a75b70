import { useEffect, useRef, useState } from "react";
import { textOf, type Part } from "../../convex/shared/parts";
import { withoutMarks } from "../../convex/shared/plainText";
import { useText } from "../i18n/catalogue.ts";
import { endingText } from "./endings.ts";
import { Spoken } from "../ui/Spoken.tsx";
import { finishedLength, spokenPart } from "./spokenText.ts";
import type { Message } from "./types.ts";

/** ms between two announcements: a screen reader needs time to finish one. */
const ANNOUNCE_EVERY_MS = 3_000;

/**
 * Announces a growing reply in finished sentences, politely, from where it is when it appears: earlier text can be read in
 * place. At the end it says how the reply ended.
 */
export function SpokenProgress({
  parts,
  live,
  message,
}: {
  parts: readonly Part[];
  live: boolean;
  message: Message;
}) {
  const words = useText();
  const text = live ? textOf(parts) : "";
  const hasContent = parts.length > 0;
  const latest = useRef(text);
  const ending = useRef<string | null>(null);
  useEffect(() => {
    latest.current = text;
    ending.current = endingText(message, hasContent, words);
  });
  const [said, setSaid] = useState("");
  const wasLive = useRef(live);

  useEffect(() => {
    if (!live) {
      if (wasLive.current) setSaid(ending.current ?? words.replyEnded);
      wasLive.current = false;
      return;
    }
    wasLive.current = true;
    let spokenTo = latest.current.length;
    const timer = setInterval(() => {
      const to = finishedLength(latest.current, spokenTo);
      if (to > spokenTo)
        setSaid(withoutMarks(spokenPart(latest.current.slice(spokenTo, to), words.restOnPage)));
      spokenTo = to;
    }, ANNOUNCE_EVERY_MS);
    return () => clearInterval(timer);
  }, [live, words]);

  return <Spoken role="status">{said}</Spoken>;
}
