export const MAX_KEY_CHARS = 1_000;

/** Visible ASCII: what a header may hold. */
const KEY = new RegExp(`^[!-~]{1,${MAX_KEY_CHARS}}$`);

/** An API key as somebody has typed or pasted it, without the space around it; null where it is none. */
export function readKey(text: string): string | null {
  const apiKey = text.trim();
  return KEY.test(apiKey) ? apiKey : null;
}
