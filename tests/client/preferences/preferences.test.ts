import { beforeEach, expect, test } from "vitest";
import { getPreferences, setPreferences } from "../../../src/preferences/preferences.ts";

const KEY = "verbatim:preferences";
const stored = () => JSON.parse(localStorage.getItem(KEY) ?? "{}") as Record<string, unknown>;

/** Another tab's change, which this tab hears of only now. */
function otherTab(choices: Record<string, unknown>) {
  localStorage.setItem(KEY, JSON.stringify(choices));
  window.dispatchEvent(new StorageEvent("storage", { key: KEY }));
}

beforeEach(() => localStorage.clear());

test("a choice made here outlives another tab's, made without knowing of it; each choice is as it was made last", () => {
  setPreferences({ theme: "dark" });
  const later = Date.now() + 1_000;
  otherTab({ theme: "system", language: "de", times: { language: later } });
  expect(getPreferences()).toMatchObject({ theme: "dark", language: "de" });
  // The next page, and the script that runs before the first paint, find both.
  expect(stored()).toMatchObject({ theme: "dark", language: "de" });
  otherTab({ ...stored(), theme: "light", times: { language: later, theme: later } });
  expect(getPreferences()).toMatchObject({ theme: "light", language: "de" });
});
