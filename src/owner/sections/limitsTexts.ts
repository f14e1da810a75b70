import { useTextsOf } from "../../i18n/catalogue.ts";

/** The words of the limits. */
const EN = {
  hint: "A change applies from the next request. Beyond a limit people are asked to wait, and nothing is lost.",
  change: (what: string) => `Change: ${what}`,
  save: "Save",
  back: "Back to the default",
  range: (least: string, most: string) => `A whole number from ${least} to ${most}.`,
  setBy: {
    environment: (variable: string) => `Set by ${variable}; no more than that can be set here.`,
    owner: (variable: string) => `Set here, in place of ${variable}.`,
    default: (variable: string) => `The default. Whoever starts the server can set ${variable}.`,
  },
  onlyBy: (variable: string) => `Only ${variable} sets this, where the server is started.`,
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

type LimitsTexts = typeof EN;

const DE: LimitsTexts = {
  hint: "Änderungen gelten ab der nächsten Anfrage. Wer eine Grenze erreicht, wird gebeten zu warten; verloren geht nichts.",
  change: (what) => `Ändern: ${what}`,
  save: "Speichern",
  back: "Zurück zum Standard",
  range: (least, most) => `Eine ganze Zahl von ${least} bis ${most}.`,
  setBy: {
    environment: (variable) => `Durch ${variable} festgelegt; mehr lässt sich hier nicht einstellen.`,
    owner: (variable) => `Hier festgelegt, statt durch ${variable}.`,
    default: (variable) => `Der Standard. Wer den Server startet, kann ${variable} festlegen.`,
  },
  onlyBy: (variable) => `Nur ${variable} legt das fest, wo der Server gestartet wird.`,
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
