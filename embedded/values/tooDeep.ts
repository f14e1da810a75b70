/** Characters of text that cannot be nested badly enough to matter. */
const SHORT = 16 * 1024;

/** Deeper than any value may be, and less than it takes to make parsing and collecting it slow. */
const MAX_DEPTH = 1000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Is JSON text nested so deep that it should not be parsed? A megabyte of brackets takes a hundred times as long as a megabyte of text, and as
 * much memory.
 */
export function isTooDeep(text: string): boolean {
  if (text.length < SHORT) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > MAX_DEPTH) return true;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
      case QUOTE:
        i = endOfString(text, i);
        break;
    }
  }
  return false;
}

/** Where the string ends that begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}
