import type { Part } from "./parts";

/**
 * How many bytes of UTF-8 a value's texts take: what the database's limits count, apart from a few bytes a field. A character of
 * Chinese has three, an emoji four.
 */
export function byteSizeOf(value: Part | readonly Part[] | string): number {
  return utf8Length(typeof value === "string" ? value : JSON.stringify(value));
}

/** Bytes of a text in UTF-8, without making them. A half of a pair counts as the "�" that it becomes. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (isPairAt(text, index, unit)) {
      bytes += 4;
      index += 1;
    } else bytes += 3;
  }
  return bytes;
}

function isPairAt(text: string, index: number, unit: number): boolean {
  if (unit < 0xd800 || unit > 0xdbff) return false;
  const next = text.charCodeAt(index + 1);
  return next >= 0xdc00 && next <= 0xdfff;
}
