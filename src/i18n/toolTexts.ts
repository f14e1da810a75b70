import { useTextsOf, type Language } from "./catalogue.ts";

/** The texts about tools, in every language: few chats have any, so that they are loaded with what shows them. */

const en = {
  states: {
    pending: "Waiting",
    awaitingApproval: "Needs your approval",
    running: "Running",
    complete: "Done",
    failed: "Failed",
    cancelled: "Cancelled",
    timedOut: "Timed out",
    refused: "Not allowed",
    unknown: "Outcome unknown",
  },
  input: "Input",
  output: "Output",
  cancel: "Cancel this step",
  title: "Tools",
  chosen: (count: number) => (count === 1 ? "Tools: 1 on" : `Tools: ${count} on`),
  /** Verbatim's own, by their names in the code. Any other is shown by the name that it has. */
  names: {
    calculator: "Calculator",
    currentTime: "Date and time",
    searchChats: "Search in your chats",
    readPage: "Read web pages",
    webSearch: "Web search",
  } as Readonly<Record<string, string | undefined>>,
  server: "Tool server",
  asks: "Asks before each use",
  mayI: (tool: string) => `Allow “${tool}”?`,
  allow: "Allow",
  refuse: "Don’t allow",
  seconds: (seconds: number) => `${seconds.toFixed(1)} s`,
  unknown:
    "The server broke off while this was running. It may or may not have taken effect; it is not repeated.",
};

export type ToolTexts = typeof en;

const de: ToolTexts = {
  states: {
    pending: "Wartet",
    awaitingApproval: "Braucht Ihre Zustimmung",
    running: "Läuft",
    complete: "Fertig",
    failed: "Fehlgeschlagen",
    cancelled: "Abgebrochen",
    timedOut: "Zeitüberschreitung",
    refused: "Nicht erlaubt",
    unknown: "Ausgang unbekannt",
  },
  input: "Eingabe",
  output: "Ausgabe",
  cancel: "Schritt abbrechen",
  title: "Werkzeuge",
  chosen: (count) => (count === 1 ? "Werkzeuge: 1 an" : `Werkzeuge: ${count} an`),
  names: {
    calculator: "Taschenrechner",
    currentTime: "Datum und Uhrzeit",
    searchChats: "In Ihren Chats suchen",
    readPage: "Webseiten lesen",
    webSearch: "Websuche",
  },
  server: "Werkzeug-Server",
  asks: "Fragt vor jeder Verwendung",
  mayI: (tool) => `„${tool}“ erlauben?`,
  allow: "Erlauben",
  refuse: "Nicht erlauben",
  seconds: (seconds) => `${seconds.toFixed(1).replace(".", ",")} s`,
  unknown:
    "Der Server ist ausgefallen, während dies lief. Ob es gewirkt hat, ist nicht bekannt; es wird nicht wiederholt.",
};

export const toolTexts: Readonly<Record<Language, ToolTexts>> = { en, de };

export const useToolTexts = (): ToolTexts => useTextsOf(toolTexts);
