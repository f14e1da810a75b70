import type { BrowserContextOptions } from "playwright-core";

/** What people hold in their hands: between them both widths, both themes, mouse and touch. */
export const DEVICES: readonly {
  name: string;
  options: BrowserContextOptions & { colorScheme: "light" | "dark" };
}[] = [
  { name: "desktop, light", options: { colorScheme: "light", viewport: { width: 1280, height: 800 } } },
  {
    name: "phone, dark",
    options: {
      colorScheme: "dark",
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
      deviceScaleFactor: 2,
    },
  },
];
