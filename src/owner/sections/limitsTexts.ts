import { useTextsOf } from "../../i18n/catalogue.ts";

/** The words of the limits. */
const EN = {
  hint: "A change applies from the next request. Whoever starts the server can set a maximum with the variable below each limit.",
  change: (what: string) => `Change: ${what}`,
  save: "Save",
  back: "Back to the default",
  range: (least: string, most: string) => `A whole number from ${least} to ${most}.`,
  setBy: {
    environment: (variable: string) => `Set by ${variable}`,
    owner: (variable: string) => `Set here · ${variable}`,
    default: (variable: string) => `Default · ${variable}`,
  },
  onlyBy: (variable: string) => `Can only be set by ${variable}`,
  groups: { person: "Each person", address: "Each address", server: "Everybody together", times: "How long" },
  names: {
    liveRunsPerPerson: "Replies at once",
    maxRunsPerPerson: "Replies at once or waiting",
    sendsPerMinute: "Requests",
    uploadsPerMinute: "Uploads",
    storagePerPerson: "Room for files",
    filesPerPerson: "Files",
    addressSendsPerMinute: "Messages sent",
    addressSignInsPerMinute: "Sign-ins and renewals",
    addressGuestsPerDay: "New guests",
    serverRequestsPerMinute: "Requests",
    serverSignInsPerMinute: "Sign-ins and renewals",
    serverGuestsPerDay: "New guests",
    sessionDays: "An unused session ends after",
    guestDays: "A guest who stays away is deleted after",
    auditDays: "Audit entries are kept for",
  },
  /** After the field. */
  units: { count: "", perMinute: "a minute", perDay: "a day", megabytes: "MB", days: "days" },
};

export type LimitsTexts = typeof EN;

const DE: LimitsTexts = {
  hint: "Änderungen gelten ab der nächsten Anfrage. Wer den Server startet, kann mit der Variable unter jeder Grenze ein Maximum festlegen.",
  change: (what) => `Ändern: ${what}`,
  save: "Speichern",
  back: "Zurück zum Standard",
  range: (least, most) => `Eine ganze Zahl von ${least} bis ${most}.`,
  setBy: {
    environment: (variable) => `Durch ${variable} festgelegt`,
    owner: (variable) => `Hier festgelegt · ${variable}`,
    default: (variable) => `Standard · ${variable}`,
  },
  onlyBy: (variable) => `Nur durch ${variable} festzulegen`,
  groups: { person: "Je Person", address: "Je Adresse", server: "Alle zusammen", times: "Wie lange" },
  names: {
    liveRunsPerPerson: "Antworten zugleich",
    maxRunsPerPerson: "Antworten zugleich oder wartend",
    sendsPerMinute: "Anfragen",
    uploadsPerMinute: "Uploads",
    storagePerPerson: "Platz für Dateien",
    filesPerPerson: "Dateien",
    addressSendsPerMinute: "Gesendete Nachrichten",
    addressSignInsPerMinute: "Anmeldungen und Erneuerungen",
    addressGuestsPerDay: "Neue Gäste",
    serverRequestsPerMinute: "Anfragen",
    serverSignInsPerMinute: "Anmeldungen und Erneuerungen",
    serverGuestsPerDay: "Neue Gäste",
    sessionDays: "Eine unbenutzte Sitzung endet nach",
    guestDays: "Ein Gast, der wegbleibt, wird gelöscht nach",
    auditDays: "Protokolleinträge bleiben erhalten für",
  },
  units: { count: "", perMinute: "je Minute", perDay: "je Tag", megabytes: "MB", days: "Tage" },
};

/** In the page's language. */
export const useLimitsTexts = (): LimitsTexts => useTextsOf({ en: EN, de: DE });
