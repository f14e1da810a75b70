import { describe, expect, test } from "vitest";
import { formatRoute, parseRoute, type Route } from "../../../src/app/route.ts";
import { shortcutFor, type ShortcutKey } from "../../../src/app/shortcuts.ts";
import { resolveLanguage } from "../../../src/i18n/catalogue.ts";
import { de } from "../../../src/i18n/de.ts";
import { en } from "../../../src/i18n/en.ts";
import { parsePreferences } from "../../../src/preferences/preferences.ts";

describe("addresses", () => {
  test.each<Route>([{ kind: "newChat" }, { kind: "chat", taskId: "k17abc" }, { kind: "archive" }])(
    "%o is found again by its path",
    (route) => expect(parseRoute(formatRoute(route))).toEqual(route),
  );

  test("a place in a chat is the address's fragment", () => {
    const route: Route = { kind: "chat", taskId: "k17abc", messageId: "m1" };
    const { pathname, hash } = new URL(formatRoute(route), "http://localhost");
    expect(parseRoute(pathname, hash)).toEqual(route);
    expect(parseRoute(pathname, "#")).toEqual({ kind: "chat", taskId: "k17abc" });
  });

  test("an unknown or damaged path is the new chat", () => {
    for (const path of ["/nowhere", "/chat/", "/chat/%E0%A4%A"])
      expect(parseRoute(path).kind).toBe("newChat");
  });
});

describe("shortcuts", () => {
  const press = (key: string, more: Partial<ShortcutKey> = {}): ShortcutKey => ({
    key,
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    altKey: false,
    typing: false,
    ...more,
  });
  test("Ctrl+K and ⌘K open the palette, also while one types", () => {
    expect(shortcutFor(press("k", { ctrlKey: true, typing: true }))).toBe("palette");
    expect(shortcutFor(press("K", { metaKey: true }))).toBe("palette");
  });
  test("a bare key is a letter while one types", () => {
    expect(shortcutFor(press("?"))).toBe("shortcuts");
    expect(shortcutFor(press("?", { typing: true }))).toBeNull();
  });
});

describe("preferences", () => {
  test("what is unknown or damaged is the default, what is known is kept", () => {
    expect(parsePreferences({ theme: "dark", sendKey: "carrier pigeon" })).toMatchObject({
      theme: "dark",
      sendKey: "enter",
    });
    expect(parsePreferences("nonsense")).toEqual(parsePreferences(null));
  });
});

describe("languages", () => {
  test("the browser's first known language, English otherwise", () => {
    expect(resolveLanguage("auto", ["fr-FR", "de-AT", "en"])).toBe("de");
    expect(resolveLanguage("auto", ["fr"])).toBe("en");
    expect(resolveLanguage("de", ["en"])).toBe("de");
  });

  test("every text exists in every language", () => {
    const paths = (value: unknown, at = ""): string[] =>
      typeof value === "object" && value !== null
        ? Object.entries(value).flatMap(([key, inner]) => paths(inner, `${at}.${key}`))
        : [at];
    expect(paths(de)).toEqual(paths(en));
  });
});
