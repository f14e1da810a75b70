import { expect, test } from "vitest";
import { newChatSettings } from "../../../src/composer/newChatSettings.ts";

test("another tab's effort is taken over; what else was set for this tab's new chat stays", () => {
  const key = "verbatim:effort";
  newChatSettings.set({ effort: "low", temperature: 0.2 });
  localStorage.setItem(key, JSON.stringify("high"));
  window.dispatchEvent(new StorageEvent("storage", { key }));
  expect(newChatSettings.get()).toEqual({ effort: "high", temperature: 0.2 });
  localStorage.removeItem(key);
  window.dispatchEvent(new StorageEvent("storage", { key }));
  expect(newChatSettings.get()).toEqual({ temperature: 0.2 });
});
