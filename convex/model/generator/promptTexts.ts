import { wellFormed } from "../../shared/text";

/** Texts that models are sent between those of people. The demo model knows them too. */

/** Asks a model to go on. Chat APIs have no other way that all servers understand. */
export const CONTINUE_PROMPT =
  "Continue your last reply exactly where it stopped. Do not repeat any of it and do not comment on the interruption.";

/** A text file as the model reads it. Parts are joined by some servers, so that it begins on a line of its own. */
export const fileText = (filename: string, text: string): string =>
  `\n\n<file name=${JSON.stringify(filename)}>\n${wellFormed(text)}\n</file>`;

/** The name of the file whose text this is, or null for other text. */
export function nameOfFileText(text: string): string | null {
  const name = /^\s*<file name=("(?:[^"\\]|\\.)*")>\n/.exec(text)?.[1];
  return name === undefined ? null : String(JSON.parse(name));
}
