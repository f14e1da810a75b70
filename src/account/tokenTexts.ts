import { useTextsOf } from "../i18n/catalogue.ts";

/** The words of API tokens. */

const en = {
  tokens: "API tokens",
  hint: "For scripts and editors, over /chat-stream and /v1. A token reads and writes chats, and can change no password, token, key or person.",
  make: "Make a token",
  name: "What it is for",
  lasts: "It lasts for",
  lasting: { "30": "30 days", "90": "90 days", "365": "a year", "": "as long as you leave it" },
  shownOnce: "Copy it now: it is shown this once.",
  token: "Token",
  copy: "Copy",
  copied: "Copied",
  done: "Done",
  neverUsed: "Never used",
  lastUsed: (when: string) => `Last used ${when}`,
  until: (when: string) => `until ${when}`,
  ended: "ended",
  revoke: "Revoke",
  revokeOne: (name: string) => `Revoke ${name}`,
};

type TokenTexts = typeof en;

const de: TokenTexts = {
  tokens: "API-Tokens",
  hint: "Für Skripte und Editoren, über /chat-stream und /v1. Ein Token liest und schreibt Chats; Passwörter, Tokens, Schlüssel und Personen kann es nicht ändern.",
  make: "Token erstellen",
  name: "Wofür es ist",
  lasts: "Es gilt",
  lasting: { "30": "30 Tage", "90": "90 Tage", "365": "ein Jahr", "": "bis Sie es widerrufen" },
  shownOnce: "Kopieren Sie es jetzt: Es wird nur dieses Mal angezeigt.",
  token: "Token",
  copy: "Kopieren",
  copied: "Kopiert",
  done: "Fertig",
  neverUsed: "Nie verwendet",
  lastUsed: (when) => `Zuletzt verwendet: ${when}`,
  until: (when) => `bis ${when}`,
  ended: "abgelaufen",
  revoke: "Widerrufen",
  revokeOne: (name) => `${name} widerrufen`,
};

/** In the page's language. */
export const useTokenTexts = (): TokenTexts => useTextsOf({ en, de });
