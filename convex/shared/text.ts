/** At most `length` UTF-16 units of a text, never half of a character that has two: that is no text that can be stored. */
export function cutText(text: string, length: number): string {
  const before = text.charCodeAt(length - 1);
  const isInsidePair = length < text.length && before >= 0xd800 && before <= 0xdbff;
  return text.slice(0, isInsidePair ? length - 1 : length);
}

/** Does the text contain half a character? Databases refuse such text. */
const HALF_CHARACTER = /\p{Surrogate}/gu;

export const isWellFormed = (text: string): boolean => text.search(HALF_CHARACTER) === -1;

/** The text with "�" for each half character. */
export const wellFormed = (text: string): string => text.replace(HALF_CHARACTER, "\uFFFD");
