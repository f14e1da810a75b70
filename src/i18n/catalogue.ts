import { useEffect } from "react";
import { createStore, useStore } from "../lib/store.ts";
import { usePreferences, type Preferences } from "../preferences/preferences.ts";
import { en } from "./en.ts";

/** The shape of a language. To add one: write its file, name it in LOADERS and in `Preferences["language"]`. */
export type Catalogue = typeof en;
export type Language = Exclude<Preferences["language"], "auto">;

/** English is part of the page; another language is loaded when it is wanted. */
const LOADERS: Record<Exclude<Language, "en">, () => Promise<Catalogue>> = {
  de: async () => (await import("./de.ts")).de,
};

const current = createStore<{ language: Language; texts: Catalogue }>({ language: "en", texts: en });

/** The language to show: the chosen one, or the first of the browser's that exists here. */
export function resolveLanguage(chosen: Preferences["language"], wanted: readonly string[]): Language {
  if (chosen !== "auto") return chosen;
  for (const tag of wanted) {
    const language = tag.toLowerCase().split("-")[0];
    if (language === "en" || language === "de") return language;
  }
  return "en";
}

async function show(language: Language): Promise<void> {
  const texts = language === "en" ? en : await LOADERS[language]();
  current.set({ language, texts });
  document.documentElement.lang = language;
  document.documentElement.dir = texts.direction;
}

/** The texts of the page in the current language. */
export const useText = (): Catalogue => useStore(current).texts;
/** Of the texts that a part is loaded with itself, those in the current language. */
export const useTextsOf = <Texts>(texts: Readonly<Record<Language, Texts>>): Texts =>
  texts[useStore(current).language];
/** The same outside components: for toasts and labels made in plain modules. */
export const texts = (): Catalogue => current.get().texts;

/** Keeps the catalogue in step with the preference; a language that cannot be loaded leaves the old one. */
export function useLanguage() {
  const { language: chosen } = usePreferences();
  useEffect(() => {
    const language = resolveLanguage(chosen, navigator.languages);
    if (language !== current.get().language) show(language).catch(() => undefined);
  }, [chosen]);
}
