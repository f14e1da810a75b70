import type { EndReason } from "../../convex/shared/endReasons";
import { useTextsOf } from "../i18n/catalogue.ts";

/** The words of the download of one's own chats. */

const en = {
  title: "Your chats as a file",
  hint: "JSON has everything: all versions of messages, thoughts and tool calls. Markdown has what your chats show, as text to read. Files are listed, not included.",
  download: (format: string) => `Download as ${format}`,
  reading: (done: string, of: string) => `${done} of ${of} chats read. Keep the settings open.`,
  starting: "Looking for your chats…",
  cancel: "Cancel",
  done: (count: number) => (count === 1 ? "1 chat is in the file." : `${count} chats are in the file.`),
  you: "You",
  model: "Model",
  file: "File",
  archived: "archived",
  ends: {
    stopped: "Stopped here.",
    crashed: "Broke off here.",
    timedOut: "Broke off here: it took too long.",
    providerError: "Broke off here: the model's server failed.",
    lengthLimit: "Broke off here: the longest length of a reply.",
    contentFilter: "Broke off here: the model's content filter.",
  } satisfies Record<Exclude<EndReason, "finished">, string>,
};

export type ExportTexts = typeof en;

const de: ExportTexts = {
  title: "Ihre Chats als Datei",
  hint: "JSON enthält alles: alle Fassungen der Nachrichten, Gedanken und Werkzeugaufrufe. Markdown enthält, was Ihre Chats zeigen, als Text zum Lesen. Dateien werden genannt, aber nicht mitgeliefert.",
  download: (format) => `Als ${format} herunterladen`,
  reading: (done, of) => `${done} von ${of} Chats gelesen. Lassen Sie die Einstellungen geöffnet.`,
  starting: "Ihre Chats werden gesucht …",
  cancel: "Abbrechen",
  done: (count) => (count === 1 ? "1 Chat ist in der Datei." : `${count} Chats sind in der Datei.`),
  you: "Sie",
  model: "Modell",
  file: "Datei",
  archived: "archiviert",
  ends: {
    stopped: "Hier angehalten.",
    crashed: "Hier abgebrochen.",
    timedOut: "Hier abgebrochen: Es hat zu lange gedauert.",
    providerError: "Hier abgebrochen: Der Server des Modells ist gescheitert.",
    lengthLimit: "Hier abgebrochen: die größte Länge einer Antwort.",
    contentFilter: "Hier abgebrochen: der Inhaltsfilter des Modells.",
  },
};

/** In the page's language. */
export const useExportTexts = (): ExportTexts => useTextsOf({ en, de });
