import { useTextsOf } from "../i18n/catalogue.ts";

/** Texts of what is loaded when somebody looks at it: apart from the catalogue, which every page loads. */
const EN = {
  usage: "Usage",
  cut: "The model no longer sees what is above this line",
  cutHint: "The chat has grown longer than the model can read. Nothing is deleted.",
  summarised: "The model has a summary of what is above this line",
  summarisedPartly: "The model has a summary of the beginning; what comes before this line is left out",
  readSummary: "Read it",
  summary: "Summary",
  summaryHint: "Written by the model, and sent in place of the older part of this chat. Nothing is deleted.",
  summaryGone: "This summary no longer exists.",
  reply: "This reply",
  chat: "This chat",
  month: "This month",
  input: "Input",
  cached: "of which cached",
  output: "Output",
  reasoning: "of which reasoning",
  cost: "Cost",
  tokens: "Tokens",
  unknown: "unknown",
  atLeast: (cost: string) => `${cost} or more`,
  untold: (count: number) =>
    count === 1
      ? "For 1 reply this month the provider reported no token counts."
      : `For ${count} replies this month the provider reported no token counts.`,
  unpriced: (count: number) =>
    count === 1
      ? "For 1 reply this month the price is not known."
      : `For ${count} replies this month the price is not known.`,
  estimated: (count: number) =>
    count === 1
      ? "For 1 reply this month the tokens are estimated."
      : `For ${count} replies this month the tokens are estimated.`,
  note: "By the list prices in US dollars at the time of each reply. Chat titles, suggestions and summaries are included in chat and month.",
  budget: (left: string, limit: string, renews: string) =>
    `${left} left of your budget of ${limit}. It renews on ${renews}.`,
  low: (left: string, renews: string) =>
    `${left} left of your budget for this month. It renews on ${renews}.`,
  usedUp: (renews: string) => `Your budget for this month is used up. It renews on ${renews}.`,
  serverLow: (renews: string) =>
    `This server's budget for this month is nearly used up. It renews on ${renews}.`,
  serverUsedUp: (renews: string) => `This server's budget for this month is used up. It renews on ${renews}.`,
  tokenAmount: (tokens: string) => `${tokens} tokens`,
  nothing: "No replies this month.",
  loading: "Adding up…",
  failed: "This could not be loaded.",
};

type UsageTexts = typeof EN;

const DE: UsageTexts = {
  usage: "Verbrauch",
  cut: "Was über dieser Linie steht, sieht das Modell nicht mehr",
  cutHint: "Der Chat ist länger geworden, als das Modell lesen kann. Gelöscht ist nichts.",
  summarised: "Was über dieser Linie steht, kennt das Modell als Zusammenfassung",
  summarisedPartly:
    "Den Anfang kennt das Modell als Zusammenfassung; was dann bis zu dieser Linie steht, nicht",
  readSummary: "Lesen",
  summary: "Zusammenfassung",
  summaryHint:
    "Vom Modell geschrieben und statt des älteren Teils dieses Chats gesendet. Gelöscht ist nichts.",
  summaryGone: "Diese Zusammenfassung gibt es nicht mehr.",
  reply: "Diese Antwort",
  chat: "Dieser Chat",
  month: "Dieser Monat",
  input: "Eingabe",
  cached: "davon aus dem Cache",
  output: "Ausgabe",
  reasoning: "davon Nachdenken",
  cost: "Kosten",
  tokens: "Tokens",
  unknown: "unbekannt",
  atLeast: (cost) => `mindestens ${cost}`,
  untold: (count) =>
    count === 1
      ? "Für 1 Antwort in diesem Monat hat der Anbieter keine Tokenzahlen gemeldet."
      : `Für ${count} Antworten in diesem Monat hat der Anbieter keine Tokenzahlen gemeldet.`,
  unpriced: (count) =>
    count === 1
      ? "Für 1 Antwort in diesem Monat ist der Preis nicht bekannt."
      : `Für ${count} Antworten in diesem Monat ist der Preis nicht bekannt.`,
  estimated: (count) =>
    count === 1
      ? "Für 1 Antwort in diesem Monat sind die Tokens geschätzt."
      : `Für ${count} Antworten in diesem Monat sind die Tokens geschätzt.`,
  note: "Nach den Listenpreisen zum Zeitpunkt jeder Antwort. Titel, Vorschläge und Zusammenfassungen sind in Chat und Monat enthalten.",
  budget: (left, limit, renews) =>
    `Von ${limit} Budget sind noch ${left} übrig. Es erneuert sich am ${renews}.`,
  low: (left, renews) =>
    `Von Ihrem Budget für diesen Monat sind noch ${left} übrig. Es erneuert sich am ${renews}.`,
  usedUp: (renews) => `Ihr Budget für diesen Monat ist aufgebraucht. Es erneuert sich am ${renews}.`,
  serverLow: (renews) =>
    `Das Budget dieses Servers für diesen Monat ist fast aufgebraucht. Es erneuert sich am ${renews}.`,
  serverUsedUp: (renews) =>
    `Das Budget dieses Servers für diesen Monat ist aufgebraucht. Es erneuert sich am ${renews}.`,
  tokenAmount: (tokens) => `${tokens} Tokens`,
  nothing: "Keine Antworten in diesem Monat.",
  loading: "Wird zusammengerechnet …",
  failed: "Das konnte nicht geladen werden.",
};

/** The texts of usage and context in the page's language. */
export const useUsageTexts = (): UsageTexts => useTextsOf({ en: EN, de: DE });
