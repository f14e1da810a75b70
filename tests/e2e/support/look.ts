import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { violations } from "./axe.ts";

/** Where pictures are wanted: all of both themes and widths, else one of each. */
const folder = process.env["SCREENSHOTS"];
const LOOKS = [
  { colorScheme: "light", width: 390 },
  { colorScheme: "dark", width: 1280 },
  ...(folder
    ? [{ colorScheme: "dark", width: 390 } as const, { colorScheme: "light", width: 1280 } as const]
    : []),
] as const;

/** Nothing wider than the screen, nothing that assistive technology stumbles over. `shown`: what is to be in the picture. */
export async function look(page: Page, name: string, shown?: Locator): Promise<void> {
  for (const { colorScheme, width } of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    await shown?.scrollIntoViewIfNeeded();
    expect(await violations({ page })).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    if (folder) await page.screenshot({ path: `${folder}/${name}-${colorScheme}-${width}.png` });
  }
}
