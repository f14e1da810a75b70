import { memo, type CSSProperties } from "react";
import styles from "./CodeBlock.module.css";
import { sameLine, type CodeToken } from "./codeTokens.ts";
import { tameMarks } from "./tameMarks.ts";
import { useTurn } from "./useTurn.ts";

type CodeLine = readonly CodeToken[];

/** Lines that get their colours together, and are laid out together. */
const GROUP_LINES = 40;
/** Cost of one coloured token, as of weight.ts. */
const TOKEN_COST = 10;

/** Coloured code. A long one gets its colours piece by piece, first where the reader is. */
export function ColouredLines({ lines }: { lines: readonly CodeLine[] }) {
  const groups: CodeLine[][] = [];
  for (let at = 0; at < lines.length; at += GROUP_LINES) groups.push(lines.slice(at, at + GROUP_LINES));
  return groups.map((group, index) => (
    // Lines have no identity but their place; colours of a line change in place.
    <LineGroup key={index} lines={group} alone={groups.length === 1} />
  ));
}

const LineGroup = memo(
  function LineGroup({ lines, alone }: { lines: readonly CodeLine[]; alone: boolean }) {
    const tokens = lines.reduce((sum, line) => sum + line.length, 0);
    const { ready, ref } = useTurn<HTMLSpanElement>(tokens * TOKEN_COST);
    return (
      <span ref={ref} className={alone ? undefined : styles.group}>
        {ready
          ? lines.map((line, index) => <Line key={index} tokens={line} last={index === lines.length - 1} />)
          : tameMarks(lines.map((line) => line.map(({ content }) => content).join("")).join("\n"))}
      </span>
    );
  },
  (before, after) =>
    before.alone === after.alone &&
    before.lines.length === after.lines.length &&
    before.lines.every((line, index) => sameLine(line, after.lines[index] ?? [])),
);

const Line = memo(
  function Line({ tokens, last }: { tokens: CodeLine; last: boolean }) {
    return (
      <span>
        {tokens.map((token, at) => (
          <span key={at} className={styles.token} style={token.style as CSSProperties}>
            {tameMarks(token.content)}
          </span>
        ))}
        {!last && "\n"}
      </span>
    );
  },
  (before, after) => before.last === after.last && sameLine(before.tokens, after.tokens),
);
