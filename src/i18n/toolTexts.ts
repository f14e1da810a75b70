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
    // Those that providers run by themselves.
    web_search: "Web search",
    web_fetch: "Read web page",
    code_execution: "Run code",
    code_interpreter: "Run code",
    file_search: "Search in files",
  } as Readonly<Record<string, string | undefined>>,
  server: "Tool server",
  asks: "Asks before each use",
  mayI: (tool: string) => `Allow “${tool}”?`,
  allow: "Allow",
  refuse: "Don’t allow",
  servers: "Tool servers",
  serversHint: "Once you are signed in, models can use them for you in the chats where you switch them on.",
  notSignedIn: "Not signed in",
  signedIn: "Signed in",
  hasEnded: "Your sign-in has ended",
  signIn: "Sign in",
  signInAgain: "Sign in again",
  signInTo: (server: string) => `Sign in to ${server}`,
  signInAgainTo: (server: string) => `Sign in again to ${server}`,
  signInNeeded: (server: string) => `Sign in to ${server} to use its tools in this chat.`,
  signInEnded: (server: string) => `Your sign-in to ${server} has ended. Sign in again to use its tools.`,
  leaving: "One moment…",
  signOut: "Sign out",
  signOutOf: (server: string) => `Sign out of ${server}`,
  signedInTo: (server: string) => `You are signed in to ${server}.`,
  signInRefused: "You were not signed in: the server’s page has sent you back without permission.",
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
    web_search: "Websuche",
    web_fetch: "Webseite lesen",
    code_execution: "Code ausführen",
    code_interpreter: "Code ausführen",
    file_search: "In Dateien suchen",
  },
  server: "Werkzeug-Server",
  asks: "Fragt vor jeder Verwendung",
  mayI: (tool) => `„${tool}“ erlauben?`,
  allow: "Erlauben",
  refuse: "Nicht erlauben",
  servers: "Werkzeug-Server",
  serversHint:
    "Sobald Sie angemeldet sind, können Modelle sie für Sie verwenden, in den Chats, in denen Sie sie einschalten.",
  notSignedIn: "Nicht angemeldet",
  signedIn: "Angemeldet",
  hasEnded: "Ihre Anmeldung ist abgelaufen",
  signIn: "Anmelden",
  signInAgain: "Neu anmelden",
  signInTo: (server) => `Bei ${server} anmelden`,
  signInAgainTo: (server) => `Bei ${server} neu anmelden`,
  signInNeeded: (server) =>
    `Melden Sie sich bei ${server} an, um dessen Werkzeuge in diesem Chat zu verwenden.`,
  signInEnded: (server) =>
    `Ihre Anmeldung bei ${server} ist abgelaufen. Melden Sie sich neu an, um dessen Werkzeuge zu verwenden.`,
  leaving: "Einen Moment …",
  signOut: "Abmelden",
  signOutOf: (server) => `Von ${server} abmelden`,
  signedInTo: (server) => `Sie sind bei ${server} angemeldet.`,
  signInRefused: "Sie wurden nicht angemeldet: Die Seite des Servers hat Sie ohne Erlaubnis zurückgeschickt.",
  seconds: (seconds) => `${seconds.toFixed(1).replace(".", ",")} s`,
  unknown:
    "Der Server ist ausgefallen, während dies lief. Ob es gewirkt hat, ist nicht bekannt; es wird nicht wiederholt.",
};

export const toolTexts: Readonly<Record<Language, ToolTexts>> = { en, de };

export const useToolTexts = (): ToolTexts => useTextsOf(toolTexts);
