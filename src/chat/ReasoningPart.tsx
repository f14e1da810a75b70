import { ChevronRight } from "lucide-react";
import type { ReasoningPart as ReasoningPartData } from "../../convex/shared/parts";
import { useText } from "../i18n/catalogue.ts";
import { Markdown } from "../markdown/Markdown.tsx";
import styles from "./Disclosure.module.css";
import { useDisclosure } from "./useDisclosure.ts";

/** How the model reasoned: folded by default, and rendered only when open. `name` identifies this fold in the chat. */
export function ReasoningPart({
  part,
  growing,
  name,
}: {
  part: ReasoningPartData;
  growing: boolean;
  name: string;
}) {
  const { text, startedAt, endedAt } = part;
  const live = growing && endedAt === undefined;
  const words = useText();
  const disclosure = useDisclosure(name);
  return (
    <details className={styles.disclosure} data-growing={live ? "" : undefined} {...disclosure}>
      <summary className={styles.summary}>
        <ChevronRight size={16} className={styles.chevron} aria-hidden="true" />
        <span className={live ? styles.shimmer : undefined}>
          {live
            ? words.reasoningLive
            : startedAt === undefined || endedAt === undefined
              ? words.reasoning
              : words.reasoningFor(Math.max(1, Math.round((endedAt - startedAt) / 1_000)))}
        </span>
      </summary>
      {disclosure.open && (
        <div className={styles.quiet}>
          <Markdown text={text} live={live} />
        </div>
      )}
    </details>
  );
}
