import { useTextsOf } from "../../i18n/catalogue.ts";

const EN = {
  hint: "Which models people can choose here. You have all of them, and nobody is kept from models that they use with a key of their own.",
  ownerOnly: "Only the owner can change this.",
  audiences: { guests: "Guests", members: "Members", admins: "Admins" },
  all: "All models",
  some: "Only these",
  names: (audience: string) => `Models for ${audience}`,
  namesHint: "One name per line. * stands for any text: claude-*, anthropic::*.",
  save: "Save",
  saved: "Saved",
  cancel: "Cancel",
  matches: (count: number, of: number, some: string) =>
    `${count} of ${of} models${some === "" ? "" : `: ${some}`}`,
  none: "No model: they cannot send anything.",
  fixed: (variable: string) => `Set by ${variable} where the server is started`,
};

type ModelsTexts = typeof EN;

const DE: ModelsTexts = {
  hint: "Welche Modelle man hier wählen kann. Ihnen stehen alle offen, und wer einen eigenen Schlüssel verwendet, hat auch dessen Modelle.",
  ownerOnly: "Nur der Eigentümer kann das ändern.",
  audiences: { guests: "Gäste", members: "Mitglieder", admins: "Admins" },
  all: "Alle Modelle",
  some: "Nur diese",
  names: (audience) => `Modelle für ${audience}`,
  namesHint: "Ein Name je Zeile. * steht für beliebigen Text: claude-*, anthropic::*.",
  save: "Speichern",
  saved: "Gespeichert",
  cancel: "Abbrechen",
  matches: (count, of, some) => `${count} von ${of} Modellen${some === "" ? "" : `: ${some}`}`,
  none: "Kein Modell: Niemand davon kann etwas senden.",
  fixed: (variable) => `Durch ${variable} festgelegt, wo der Server gestartet wird`,
};

/** The texts of the owner's section of models, in the page's language. */
export const useModelsTexts = (): ModelsTexts => useTextsOf({ en: EN, de: DE });
