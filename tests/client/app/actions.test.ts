import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { runAction } from "../../../src/app/actions.ts";
import { closeOverlay, currentOverlay } from "../../../src/app/overlays.ts";
import { getPreferences, setPreferences } from "../../../src/preferences/preferences.ts";

const setWidth = (narrow: boolean) =>
  vi.stubGlobal("matchMedia", (media: string) => ({ media, matches: narrow && media.includes("max-width") }));

beforeEach(() => {
  closeOverlay();
  setPreferences({ sidebarOpen: true });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test("“Show or hide the list of chats”: beside the chat on a wide screen, the drawer on a narrow one", () => {
  setWidth(false);
  runAction("sidebar");
  expect([getPreferences().sidebarOpen, currentOverlay()]).toEqual([false, "none"]);

  setWidth(true);
  runAction("sidebar");
  expect(currentOverlay()).toBe("drawer");
  runAction("sidebar");
  expect(currentOverlay()).toBe("none");
  expect(getPreferences().sidebarOpen).toBe(false);
});
