import { WrapText } from "lucide-react";
import { memo, useState, type CSSProperties } from "react";
import { useText } from "../i18n/catalogue.ts";
import { CopyButton } from "../ui/CopyButton.tsx";
import { cx } from "../ui/cx.ts";
import { IconButton } from "../ui/IconButton.tsx";
import styles from "./CodeBlock.module.css";
import { ColouredLines } from "./ColouredLines.tsx";
import { Chunks } from "./PlainText.tsx";
import { useHighlight } from "./useHighlight.ts";

/** rem: as in the style sheet. */
const LINE_REM = 1.35;

/** As tall as it will be while its lines are not wrapped: it is laid out only near the view. */
const heightOf = (code: string): CSSProperties => ({
  containIntrinsicBlockSize: `auto calc(var(--control) + 1px + 2 * var(--space-3) + ${(code.split("\n").length * LINE_REM).toFixed(2)}rem)`,
});

/** A block of code: its language, buttons to wrap its lines and to copy it, and colours as soon as the highlighter is there. */
export const CodeBlock = memo(function CodeBlock({
  code,
  language,
  incomplete,
}: {
  code: string;
  language: string;
  incomplete: boolean;
}) {
  const text = useText();
  const [wrapped, setWrapped] = useState(false);
  const lines = useHighlight(code, language, incomplete);
  return (
    <figure className={styles.block} style={heightOf(code)} dir="ltr">
      <figcaption className={styles.head}>
        <span>{language === "" ? text.plainText : language}</span>
        <IconButton label={text.wrapLines} aria-pressed={wrapped} onClick={() => setWrapped(!wrapped)}>
          <WrapText size={16} />
        </IconButton>
        <CopyButton label={text.copyCode} getText={() => code} />
      </figcaption>
      <pre className={cx(styles.code, wrapped && styles.wrapped)} tabIndex={0}>
        <code>
          {lines === null ? <Chunks text={code} lineRem={LINE_REM} /> : <ColouredLines lines={lines} />}
        </code>
      </pre>
    </figure>
  );
});
