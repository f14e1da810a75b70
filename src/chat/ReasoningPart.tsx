import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { useText } from "../i18n/catalogue.ts";
import { Markdown } from "../markdown/Markdown.tsx";
import styles from "./Disclosure.module.css";

/** How the model reasoned: closed unless one wants it. Rendered only when open. */
export function ReasoningPart({ text, growing }: { text: string; growing: boolean }) {
  const words = useText();
  const [open, setOpen] = useState(false);
  return (
    <details className={styles.disclosure} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className={styles.summary}>
        <ChevronRight size={16} className={styles.chevron} aria-hidden="true" />
        <span className={growing ? styles.shimmer : undefined}>
          {growing ? words.reasoningLive : words.reasoning}
        </span>
      </summary>
      {open && (
        <div className={styles.quiet}>
          <Markdown text={text} live={growing} />
        </div>
      )}
    </details>
  );
}
