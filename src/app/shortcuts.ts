/** Keys that work anywhere on the page. `mod` is ⌘ on a Mac and Ctrl elsewhere. */
export type ShortcutAction =
  "print" | "palette" | "newChat" | "sidebar" | "settings" | "shortcuts" | "focusComposer";

export interface Shortcut {
  readonly action: ShortcutAction;
  readonly keys: readonly string[];
  readonly matches: (event: ShortcutKey) => boolean;
}

export interface ShortcutKey {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
  /** Whether the key goes into a text. */
  typing: boolean;
}

/** Where keys are for a text. */
const TEXT_BOXES = "input, textarea, select, [contenteditable]";
export const isTextBox = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest(TEXT_BOXES) !== null;

const mod = (event: ShortcutKey) => (event.ctrlKey || event.metaKey) && !event.altKey;
const bare = (event: ShortcutKey) => !event.ctrlKey && !event.metaKey && !event.altKey && !event.typing;
const letter = (event: ShortcutKey, key: string) => event.key.toLowerCase() === key;

export const SHORTCUTS: readonly Shortcut[] = [
  { action: "palette", keys: ["mod", "K"], matches: (e) => mod(e) && !e.shiftKey && letter(e, "k") },
  { action: "newChat", keys: ["mod", "Shift", "O"], matches: (e) => mod(e) && e.shiftKey && letter(e, "o") },
  { action: "sidebar", keys: ["mod", "Shift", "S"], matches: (e) => mod(e) && e.shiftKey && letter(e, "s") },
  { action: "print", keys: ["mod", "P"], matches: (e) => mod(e) && !e.shiftKey && letter(e, "p") },
  { action: "settings", keys: ["mod", ","], matches: (e) => mod(e) && e.key === "," },
  { action: "shortcuts", keys: ["?"], matches: (e) => bare(e) && e.key === "?" },
  { action: "focusComposer", keys: ["/"], matches: (e) => bare(e) && e.key === "/" },
];

export const shortcutFor = (event: ShortcutKey): ShortcutAction | null =>
  SHORTCUTS.find((shortcut) => shortcut.matches(event))?.action ?? null;
