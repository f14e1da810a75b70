import { textOf, type Part } from "../../convex/shared/parts";
import type { Turn } from "./turns.ts";

/** px, as on a desktop: a turn with its gaps and rows of buttons, a line of text with its share of the gaps between blocks. */
const TURN_PX = 190;
const LINE_PX = 30;
/** Characters on a line, half empty ones among them. */
const LINE_CHARS = 70;

const lines = (parts: readonly Part[]): number => Math.ceil(textOf(parts).length / LINE_CHARS);

/** About how high turns will be that were never put up, in px: so that the reader's scrollbar hardly moves when they are. */
export const estimatedHeight = (turns: readonly Turn[]): number =>
  turns.reduce(
    (sum, { prompt, answer }) =>
      sum + TURN_PX + LINE_PX * (lines(prompt?.parts ?? []) + lines(answer?.parts ?? [])),
    0,
  );
