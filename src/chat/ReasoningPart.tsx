import { ChevronRight } from "lucide-react";
import { useText } from "../i18n/catalogue.ts";
import { Markdown } from "../markdown/Markdown.tsx";
import styles from "./Disclosure.module.css";
import { useDisclosure } from "./useDisclosure.ts";

/** How the model reasoned: folded by default, and rendered only when open. `name` identifies this fold in the chat. */
export function ReasoningPart({ text, growing, name }: { text: string; growing: boolean; name: string }) {
  const words = useText();
  const disclosure = useDisclosure(name);
  return (
    <details className={styles.disclosure} {...disclosure}>
      <summary className={styles.summary}>
        <ChevronRight size={16} className={styles.chevron} aria-hidden="true" />
        <span className={growing ? styles.shimmer : undefined}>
          {growing ? words.reasoningLive : words.reasoning}
        </span>
      </summary>
      {disclosure.open && (
        <div className={styles.quiet}>
          <Markdown text={text} live={growing} />
        </div>
      )}
    </details>
  );
}
