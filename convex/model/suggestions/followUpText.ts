import { linesOfReply } from "../messages/replyText";

/** What a person is offered to send next, out of what a model replied. */

/** Offered at once: more would be a list to read. */
const MAX_FOLLOW_UPS = 3;

/** Characters of one. A longer one is left out: half of a question is none. */
const MAX_FOLLOW_UP_CHARS = 80;

const HAS_WORDS = /[\p{L}\p{N}]/u;

/** "1.", "2)", "-", "•" and the like, at the beginning of a line of a list. */
const LIST_MARK = /^\s*(?:(?:\*\*)?\d{1,2}[.):](?:\*\*)?|[-*+•–·>])\s+/;

/** "Follow-up 1:", "Question:" and the like, before what is meant. */
const LABEL = /^(?:follow[- ]?up|question|prompt|suggestion|option|frage|vorschlag)\s*\d*\s*:\s*/i;

/** A text all in quotes, with no quote inside. */
const QUOTED = /^["“”„«»'‘’]([^"“”„«»]+)["“”„«»'‘’],?$/;

/**
 * Up to three prompts of one line. Models wrap what they were asked for in prose, lists, quotes, code fences or JSON: where there is
 * JSON, its strings count; where there is a list, its items; else the lines, when there are several. Empty when nothing fits.
 */
export function followUpsFromReply(reply: string): string[] {
  const lines = linesOfReply(reply).filter((line) => !line.trimStart().startsWith("```"));
  const found = new Map<string, string>();
  for (const candidate of stringsInJson(lines.join("\n")) ?? linesThatCount(lines)) {
    const text = bare(candidate);
    if (HAS_WORDS.test(text) && text.length <= MAX_FOLLOW_UP_CHARS && !found.has(text.toLowerCase())) {
      found.set(text.toLowerCase(), text);
    }
  }
  return [...found.values()].slice(0, MAX_FOLLOW_UPS);
}

/** The strings of a JSON array, also of one inside an object or of objects; null when there is none. */
function stringsInJson(text: string): string[] | null {
  const json = /^\s*[[{][^]*[\]}]/m.exec(text)?.[0];
  if (json === undefined) return null;
  try {
    const strings = stringsIn(JSON.parse(json));
    return strings.length > 0 ? strings : null;
  } catch {
    return null;
  }
}

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

/** Of a list its items; else all lines that do not announce others. One line alone is rather an excuse than a prompt. */
function linesThatCount(lines: string[]): string[] {
  const items = lines.filter((line) => LIST_MARK.test(line));
  if (items.length > 0) return items;
  const plain = lines.filter((line) => HAS_WORDS.test(line) && !line.trimEnd().endsWith(":"));
  return plain.length > 1 ? plain : [];
}

/** Without marks, label and quotes around it. */
function bare(text: string): string {
  const words = text.replace(LIST_MARK, "").replaceAll("**", "").replace(/\s+/g, " ").trim();
  const said = words.replace(LABEL, "");
  return (QUOTED.exec(said)?.[1] ?? said).trim();
}
