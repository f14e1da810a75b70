import { memo, useMemo, type CSSProperties, type Ref } from "react";
import styles from "./Markdown.module.css";
import { tameMarks } from "./tameMarks.ts";
import { toChunks } from "./toChunks.ts";

/** Text as it was written. Of a long one, only what is near the view is laid out. */
export const PlainText = ({ text }: { text: string }) => (
  <div className={styles.markdown}>
    <PlainParagraph text={text} />
  </div>
);

const PlainParagraph = ({ text }: { text: string }) => (
  <p className={styles.plain}>
    <Chunks text={text} />
  </p>
);

/** What waits for its turn: readable, and laid out when it comes near the view. */
export const WaitingText = ({ text, ref }: { text: string; ref: Ref<HTMLDivElement> }) => (
  <div ref={ref} data-plain="waiting" className={styles.waiting} style={guessedHeight(text, LINE_REM)}>
    <PlainParagraph text={text} />
  </div>
);

const guessedHeight = (text: string, lineRem: number): CSSProperties => {
  const lines = Math.max(text.split("\n").length - 1, Math.ceil(text.length / CHARS_PER_LINE));
  return { containIntrinsicBlockSize: `auto ${(lines * lineRem).toFixed(1)}rem` };
};

/** rem of a line of text, by which the height of what is not laid out yet is guessed. */
const LINE_REM = 1.65;
const CHARS_PER_LINE = 80;

/** The pieces of a text, each laid out by itself when it comes near the view; a short text is not cut. */
export function Chunks({ text, lineRem = LINE_REM }: { text: string; lineRem?: number }) {
  const chunks = useMemo(() => toChunks(text), [text]);
  if (chunks.length === 1) return tameMarks(text);
  // Pieces of a growing text keep their places.
  return chunks.map((chunk, index) => <Chunk key={index} text={chunk} lineRem={lineRem} />);
}

const Chunk = memo(function Chunk({ text, lineRem }: { text: string; lineRem: number }) {
  return (
    <span className={styles.chunk} style={guessedHeight(text, lineRem)}>
      {/* The end of the piece is the end of its last line. */}
      {tameMarks(text.endsWith("\n") ? text.slice(0, -1) : text)}
    </span>
  );
});
