/**
 * Marks that turn the direction of what follows, and characters that nobody sees. Not the marks and joiners that Arabic, Hebrew and Persian words and
 * emoji are written with (U+061C, U+200C to U+200F): those turn no letters around.
 */
const HIDDEN = /[\u200B\u202A-\u202E\u2060-\u2064\u2066-\u206F]/gu;

const BREAKS = /[\p{Cc}\s]+/gu;

/**
 * A name or title as it can stand among others: one line, without controls. With them it could turn around what stands beside it, or pass for another
 * name. Letters of every language are as they were.
 */
export const plainLine = (text: string): string => text.replace(HIDDEN, "").replace(BREAKS, " ").trim();
