import { useTextsOf } from "../../i18n/catalogue.ts";

const EN = {
  hint: "What the models here may use. Each person then chooses, chat by chat.",
  audiences: { nobody: "Nobody", admins: "Admins", members: "Members", everyone: "Everyone" },
  audienceHint: "Admins are you and your admins, members are all with an account, everyone is guests, too.",
  forWhom: (tool: string) => `Who may use “${tool}”`,
  asks: "Ask before each use",
  asksFor: (tool: string) => `Ask before each use of “${tool}”`,
  fixed: "Set where the server is started",
  noEngine: "Needs a search engine: set VERBATIM_SEARXNG_URL, VERBATIM_BRAVE_KEY or VERBATIM_TAVILY_KEY.",
  ownerOnly: "Only the owner can change these.",
};

export type ToolsTexts = typeof EN;

const DE: ToolsTexts = {
  hint: "Was die Modelle hier verwenden dürfen. Jede Person wählt dann selbst, Chat für Chat.",
  audiences: { nobody: "Niemand", admins: "Admins", members: "Mitglieder", everyone: "Alle" },
  audienceHint:
    "Zu den Admins zählen auch Sie, zu den Mitgliedern alle mit einem Konto, zu allen auch Gäste.",
  forWhom: (tool) => `Wer „${tool}“ verwenden darf`,
  asks: "Vor jeder Verwendung fragen",
  asksFor: (tool) => `Vor jeder Verwendung von „${tool}“ fragen`,
  fixed: "Wird dort festgelegt, wo der Server gestartet wird",
  noEngine:
    "Braucht eine Suchmaschine: Setzen Sie VERBATIM_SEARXNG_URL, VERBATIM_BRAVE_KEY oder VERBATIM_TAVILY_KEY.",
  ownerOnly: "Nur der Eigentümer kann das ändern.",
};

export const useToolsTexts = (): ToolsTexts => useTextsOf({ en: EN, de: DE });
