/** What jsdom has not: no layout is made here, so nothing is narrow, dark or still. */
import { vi } from "vitest";

vi.stubGlobal("matchMedia", (query: string) => ({
  matches: false,
  media: query,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
}));
vi.stubGlobal("CSS", { escape: (text: string) => text.replace(/\W/g, "\\$&"), supports: () => false });
