/** Combining marks on one letter: Unicode's Stream-Safe Text Format allows 30. */
const MAX_COMBINED = 30;
/** No script stacks so many; fonts look through all of them for each, which takes a browser minutes. */
const STACK = new RegExp(`(\\p{M}{${MAX_COMBINED}})\\p{M}+`, "gu");
/** A picture joined to more others than any has. */
const JOINED = /(?:\p{Extended_Pictographic}\ufe0f?\u200d){16}/gu;
/** Turns of direction in a row: each opens a level. */
const TURNS = /[\u202a-\u202e\u2066-\u2068]{16,}/gu;
const UNUSUAL = /[\u200d\u202a-\u202e\u2066-\u2069]|\p{M}/u;

/** An invisible place to break. */
const BREAK = "\u200b";

/**
 * Text in which no letter carries more marks, and no picture more others, than fonts can set in reasonable time: further marks are
 * left out, and joined pictures parted. To be shown, not to be copied; all other text is returned as it is.
 */
export const tameMarks = (text: string): string =>
  UNUSUAL.test(text) ? text.replace(STACK, "$1").replace(JOINED, `$&${BREAK}`).replace(TURNS, "") : text;
