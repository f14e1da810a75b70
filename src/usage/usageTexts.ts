import { useTextsOf } from "../i18n/catalogue.ts";

/** Texts of what is loaded when somebody looks at it: apart from the catalogue, which every page loads. */
const EN = {
  usage: "Usage",
  cut: "The model no longer sees what is above this line",
  cutHint: "The chat has grown longer than the model can read. Nothing is deleted.",
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
  note: "By the list prices at the time of each reply. Chat titles and suggestions are not included.",
  nothing: "No replies this month.",
  loading: "Adding up…",
  failed: "This could not be loaded.",
};

type UsageTexts = typeof EN;

const DE: UsageTexts = {
  usage: "Verbrauch",
  cut: "Was über dieser Linie steht, sieht das Modell nicht mehr",
  cutHint: "Der Chat ist länger geworden, als das Modell lesen kann. Gelöscht ist nichts.",
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
  note: "Nach den Listenpreisen zur Zeit jeder Antwort. Titel und Vorschläge sind nicht enthalten.",
  nothing: "Keine Antworten in diesem Monat.",
  loading: "Wird zusammengerechnet …",
  failed: "Das konnte nicht geladen werden.",
};

/** The texts of usage and context in the page's language. */
export const useUsageTexts = (): UsageTexts => useTextsOf({ en: EN, de: DE });
