import { wellFormed } from "../../shared/text";

/** What some models write before their reply, as part of it. Of some servers only its end arrives. */
const THOUGHTS = /^[^]*<\/think>/;
const UNFINISHED_THOUGHTS = /<think>[^]*$/;

/** Controls but those that end a line, and marks that turn the direction of what follows. */
const UNPRINTABLE = /[^\P{Cc}\r\n]|[\u202A-\u202E\u2066-\u2069]/gu;

/** The lines of what a model replied, without its thoughts and what cannot be shown. */
export function linesOfReply(reply: string): string[] {
  const said = wellFormed(reply).replace(THOUGHTS, "").replace(UNFINISHED_THOUGHTS, "");
  return said.replace(UNPRINTABLE, " ").split(/[\r\n]+/);
}
