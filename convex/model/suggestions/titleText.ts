import { plainLine } from "../../shared/plainLine";
import { cutText } from "../../shared/text";
import { linesOfReply } from "../messages/replyText";

/** What a chat's title is made of, when its owner gave none. */

/** How many words of a prompt, and how many characters of any words, make a title. */
const TITLE_WORDS = 8;
const TITLE_CHARS = 60;

/** The first words of a prompt, on one line. */
export function titleFromWords(content: string): string {
  const words = plainLine(content).split(" ");
  const text = words.slice(0, TITLE_WORDS).join(" ");
  const cut = cutText(text, TITLE_CHARS);
  return words.length > TITLE_WORDS || cut.length < text.length ? `${cut}…` : cut;
}

/** Marks around and before a title that do not belong to it. */
const BEFORE = /^(?:[\s#>*_`"'“”„‘’«»]|(?:title|titel)\s*:)+/i;
const AFTER = /[\s*_`"'“”„‘’«».]+$/;

/** The title in a model's reply: its first line with words, without quotes and marks; null when there is none. */
export function titleFromReply(reply: string): string | null {
  for (const line of linesOfReply(reply)) {
    const words = plainLine(line.replace(BEFORE, "").replace(AFTER, ""));
    const title = cutText(words, TITLE_CHARS);
    if (title !== "") return title.length < words.length ? `${title.trimEnd()}…` : title;
  }
  return null;
}
