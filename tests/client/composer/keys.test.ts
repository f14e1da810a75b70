import { describe, expect, test } from "vitest";
import { composerIntent, type ComposerKey } from "../../../src/composer/keys.ts";

const press = (key: string, more: Partial<ComposerKey> = {}): ComposerKey => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isComposing: false,
  keyCode: 0,
  ...more,
});
const writing = { sendKey: "enter", text: "words", generating: false } as const;

describe("keys in the composer", () => {
  test("Enter sends, Shift+Enter breaks the line", () => {
    expect(composerIntent(press("Enter"), writing)).toBe("send");
    expect(composerIntent(press("Enter", { shiftKey: true }), writing)).toBe("type");
  });

  test("with Ctrl+Enter chosen, Enter breaks the line", () => {
    const context = { ...writing, sendKey: "modEnter" } as const;
    expect(composerIntent(press("Enter"), context)).toBe("type");
    expect(composerIntent(press("Enter", { ctrlKey: true }), context)).toBe("send");
    expect(composerIntent(press("Enter", { metaKey: true }), context)).toBe("send");
  });

  test("an input method's Enter never sends, also where it comes after the composition", () => {
    expect(composerIntent(press("Enter", { isComposing: true }), writing)).toBe("type");
    expect(composerIntent(press("Enter", { keyCode: 229 }), writing)).toBe("type");
  });

  test("Escape stops only what runs", () => {
    expect(composerIntent(press("Escape"), writing)).toBe("type");
    expect(composerIntent(press("Escape"), { ...writing, generating: true })).toBe("stop");
  });

  test("ArrowUp recalls only in an empty box", () => {
    expect(composerIntent(press("ArrowUp"), writing)).toBe("type");
    expect(composerIntent(press("ArrowUp"), { ...writing, text: "" })).toBe("recall");
  });
});
