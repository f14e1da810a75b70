import { WrapText } from "lucide-react";
import { memo, useState, type CSSProperties } from "react";
import { useText } from "../i18n/catalogue.ts";
import { CopyButton } from "../ui/CopyButton.tsx";
import { cx } from "../ui/cx.ts";
import { IconButton } from "../ui/IconButton.tsx";
import styles from "./CodeBlock.module.css";
import { sameLine, type CodeToken } from "./codeTokens.ts";
import { useHighlight } from "./useHighlight.ts";

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
    <figure className={styles.block} dir="ltr">
      <figcaption className={styles.head}>
        <span>{language === "" ? text.plainText : language}</span>
        <IconButton label={text.wrapLines} aria-pressed={wrapped} onClick={() => setWrapped(!wrapped)}>
          <WrapText size={16} />
        </IconButton>
        <CopyButton label={text.copyCode} getText={() => code} />
      </figcaption>
      <pre className={cx(styles.code, wrapped && styles.wrapped)} tabIndex={0}>
        <code>
          {lines === null
            ? code
            : lines.map((line, index) => (
                // Lines have no identity but their place; colours of a line change in place.
                <Line key={index} tokens={line} last={index === lines.length - 1} />
              ))}
        </code>
      </pre>
    </figure>
  );
});

const Line = memo(
  function Line({ tokens, last }: { tokens: readonly CodeToken[]; last: boolean }) {
    return (
      <span>
        {tokens.map((token, at) => (
          <span key={at} className={styles.token} style={token.style as CSSProperties}>
            {token.content}
          </span>
        ))}
        {!last && "\n"}
      </span>
    );
  },
  (before, after) => before.last === after.last && sameLine(before.tokens, after.tokens),
);
