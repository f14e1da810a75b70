import remend from "remend";

/** Marks at the very end that open something of which no letter is there yet. */
const BARE_MARKS = /(?<=^|[\s(])(?:\*{1,3}|_{1,3}|~{1,2}|`{1,2})$/;

/** Markdown that still grows, as it can be shown: what is open is closed, and what only begins to open waits. */
export const closeOpenMarkup = (block: string): string => remend(block.replace(BARE_MARKS, ""));
