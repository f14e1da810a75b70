import { MODEL_ID_SEPARATOR } from "./modelIds";

/** Names of models as an owner writes them down, with `*` for any text. */

/** Does one of the patterns mean this name? Upper and lower case are the same. */
export const matchesAny = (name: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => matches(name.toLowerCase(), pattern.trim().toLowerCase().split("*")));

/** The same of a stored id, which a pattern may name with its provider, `anthropic::claude-*`, or without. */
export function matchesStoredId(id: string, patterns: readonly string[]): boolean {
  const at = id.indexOf(MODEL_ID_SEPARATOR);
  return (
    matchesAny(id, patterns) || (at !== -1 && matchesAny(id.slice(at + MODEL_ID_SEPARATOR.length), patterns))
  );
}

/** `pieces` are what stands between the stars. Linear, whatever a pattern says. */
function matches(name: string, pieces: readonly string[]): boolean {
  const [first = "", ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
