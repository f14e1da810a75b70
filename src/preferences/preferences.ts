import { onStoredChange, readStored, writeStored } from "../lib/storage.ts";
import { useMediaQuery } from "../lib/useMediaQuery.ts";
import { createStore, useStore } from "../lib/store.ts";

/** Choices that belong to this browser. The key and `theme` are also read by public/theme.js. */
export interface Preferences {
  theme: "system" | "light" | "dark";
  /** What sends: Enter (Shift+Enter breaks the line), or Ctrl/⌘+Enter (Enter breaks the line). */
  sendKey: "enter" | "modEnter";
  /** Paint arriving text evenly instead of in the steps in which it comes. */
  smoothing: boolean;
  /** Offer what may be sent next. */
  followUps: boolean;
  language: "auto" | "en" | "de";
  sidebarOpen: boolean;
}

const STORAGE_KEY = "verbatim:preferences";

const DEFAULTS: Preferences = {
  theme: "system",
  sendKey: "enter",
  smoothing: true,
  followUps: true,
  language: "auto",
  sidebarOpen: true,
};

/** Takes from `stored` what has a known value; the rest stays at its default. */
export function parsePreferences(stored: unknown): Preferences {
  if (typeof stored !== "object" || stored === null) return DEFAULTS;
  const given = stored as Partial<Record<keyof Preferences, unknown>>;
  const oneOf = <T extends string>(value: unknown, allowed: readonly T[], fallback: T): T =>
    allowed.find((candidate) => candidate === value) ?? fallback;
  return {
    theme: oneOf(given.theme, ["system", "light", "dark"], DEFAULTS.theme),
    sendKey: oneOf(given.sendKey, ["enter", "modEnter"], DEFAULTS.sendKey),
    smoothing: typeof given.smoothing === "boolean" ? given.smoothing : DEFAULTS.smoothing,
    followUps: typeof given.followUps === "boolean" ? given.followUps : DEFAULTS.followUps,
    language: oneOf(given.language, ["auto", "en", "de"], DEFAULTS.language),
    sidebarOpen: typeof given.sidebarOpen === "boolean" ? given.sidebarOpen : DEFAULTS.sidebarOpen,
  };
}

/** ms since the epoch at which each choice was made; 0 for those that never were, or before such times were kept. */
export type ChoiceTimes = { readonly [Choice in keyof Preferences]: number };

const NAMES = Object.keys(DEFAULTS) as (keyof Preferences)[];

function parseTimes(stored: unknown): ChoiceTimes {
  const given = (stored as { times?: Partial<Record<keyof Preferences, unknown>> } | null)?.times ?? {};
  const timeOf = (name: keyof Preferences) => {
    const time = given[name];
    return typeof time === "number" ? time : 0;
  };
  return Object.fromEntries(NAMES.map((name) => [name, timeOf(name)])) as ChoiceTimes;
}

/**
 * Both tabs' choices, each as it was made last. Tabs hear of each other's late, and one that writes what it has may not have heard of a
 * choice that was made in another.
 */
export function merged(mine: Kept, theirs: Kept): Kept {
  const newer = NAMES.filter((name) => theirs.times[name] > mine.times[name]);
  const pick = (from: Preferences | ChoiceTimes) =>
    Object.fromEntries(newer.map((name) => [name, from[name]]));
  return {
    choices: { ...mine.choices, ...pick(theirs.choices) },
    times: { ...mine.times, ...pick(theirs.times) },
  };
}

export interface Kept {
  readonly choices: Preferences;
  readonly times: ChoiceTimes;
}

const parseKept = (stored: unknown): Kept => ({
  choices: parsePreferences(stored),
  times: parseTimes(stored),
});

const atFirst = parseKept(readStored(STORAGE_KEY));
let { times } = atFirst;
const store = createStore(atFirst.choices);

const keep = () => writeStored(STORAGE_KEY, { ...store.get(), times });

function applyTheme({ theme }: Preferences) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

store.subscribe(() => applyTheme(store.get()));
onStoredChange(STORAGE_KEY, () => {
  const stored = parseKept(readStored(STORAGE_KEY));
  const now = merged({ choices: store.get(), times }, stored);
  times = now.times;
  store.set(now.choices);
  // What was chosen here without the other tab knowing it was written over.
  if (NAMES.some((name) => stored.times[name] < times[name])) keep();
});

export const usePreferences = () => useStore(store);
export const getPreferences = () => store.get();

/** Whether the page is dark now, by choice or as the system is. */
export function isDark(): boolean {
  const { theme } = getPreferences();
  return theme === "system" ? window.matchMedia("(prefers-color-scheme: dark)").matches : theme === "dark";
}

/** The same for a component, which is told when it changes. */
export function useIsDark(): boolean {
  const { theme } = usePreferences();
  const systemIsDark = useMediaQuery("(prefers-color-scheme: dark)");
  return theme === "system" ? systemIsDark : theme === "dark";
}

export function setPreferences(change: Partial<Preferences>) {
  const now = Date.now();
  times = { ...times, ...Object.fromEntries(Object.keys(change).map((name) => [name, now])) };
  store.update((previous) => ({ ...previous, ...change }));
  keep();
}
