import { useTextsOf } from "../i18n/catalogue.ts";

/** What is said while a chat is made ready to be printed. */

const en = {
  loading: (count: number) => `Getting the messages: ${count} so far…`,
  preparing: (done: number, count: number) => `Preparing ${done} of ${count} messages…`,
  cut: (count: number) => `Only the newest ${count} messages are printed.`,
  failed: "The messages could not be read. Try again when you are connected.",
};

type PrintTexts = typeof en;

const de: PrintTexts = {
  loading: (count) => `Nachrichten werden geholt: bisher ${count} …`,
  preparing: (done, count) => `${done} von ${count} Nachrichten vorbereitet …`,
  cut: (count) => `Gedruckt werden nur die neuesten ${count} Nachrichten.`,
  failed:
    "Die Nachrichten konnten nicht gelesen werden. Versuchen Sie es noch einmal, wenn Sie verbunden sind.",
};

/** In the page's language. */
export const usePrintTexts = (): PrintTexts => useTextsOf({ en, de });
