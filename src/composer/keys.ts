import type { Preferences } from "../preferences/preferences.ts";

/** The parts of a keyboard event that decide what it means in the composer. */
export interface ComposerKey {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  isComposing: boolean;
  /** 229 while an input method is at work; some browsers end the composition before the Enter that confirms it. */
  keyCode: number;
}

export type ComposerIntent = "send" | "stop" | "recall" | "type";

const IME_KEY_CODE = 229;

/** What a key press in the composer asks for. An input method's Enter never sends. */
export function composerIntent(
  event: ComposerKey,
  context: { sendKey: Preferences["sendKey"]; text: string; generating: boolean },
): ComposerIntent {
  if (event.isComposing || event.keyCode === IME_KEY_CODE) return "type";
  switch (event.key) {
    case "Enter": {
      const modified = event.ctrlKey || event.metaKey;
      if (event.shiftKey || event.altKey) return "type";
      return context.sendKey === "enter" || modified ? "send" : "type";
    }
    case "Escape":
      return context.generating ? "stop" : "type";
    case "ArrowUp":
      return context.text === "" && !event.shiftKey ? "recall" : "type";
    default:
      return "type";
  }
}
