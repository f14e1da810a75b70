import remend from "remend";
import { weigh } from "./weight.ts";

/** Marks at the very end that open something of which no letter is there yet. */
const BARE_MARKS = /(?<=^|[\s(])(?:\*{1,3}|_{1,3}|~{1,2}|`{1,2})$/;
/** Characters at the end in which such marks are looked for, with what is before them. */
const END_CHARS = 4;

/** Markdown that still grows, as it can be shown: what is open is closed, and what only begins to open waits. */
export function closeOpenMarkup(block: string): string {
  // It is shown as it is.
  if (weigh(block).tooHeavy) return block;
  const rest = block.slice(0, -END_CHARS);
  return remend(rest + block.slice(rest.length).replace(BARE_MARKS, ""));
}
