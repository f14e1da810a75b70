import { wellFormed } from "../../shared/text";
import { withoutThoughts } from "../generator/thinkTags";

/** Controls but those that end a line, and marks that turn the direction of what follows. */
const UNPRINTABLE = /[^\P{Cc}\r\n]|[\u202A-\u202E\u2066-\u2069]/gu;

/** The lines of what a model replied, without its thoughts and what cannot be shown. */
export function linesOfReply(reply: string): string[] {
  return withoutThoughts(wellFormed(reply))
    .replace(UNPRINTABLE, " ")
    .split(/[\r\n]+/);
}
