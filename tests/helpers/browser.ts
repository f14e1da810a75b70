/** Chromium for tests: the system's, or Playwright's own where that is installed. */
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";

const SYSTEM_BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/**
 * Chromium loads two pages of its own, which the address bar would show, into every new window: a third of all that it
 * computes for a short visit, and nobody sees its windows.
 */
const ADDRESS_BAR_PAGES = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup"];

/** What Playwright turns off (`chromiumSwitches.ts`): Chromium heeds only the last list that it is given, which is ours. */
const OFF_IN_PLAYWRIGHT = [
  "AvoidUnnecessaryBeforeUnloadCheckSync",
  "DestroyProfileOnBrowserClose",
  "HttpsUpgrades",
  "HttpsFirstBalancedModeAutoEnable",
  "LensOverlay",
  "MediaRouter",
  "PaintHolding",
  "ThirdPartyStoragePartitioning",
  "AvoidCorsURLLoaderRestartOnRedirect",
  "OptimizationHints",
  "NetworkTimeServiceQuerying",
  "AimEnabled",
  "PreconnectToSearch",
];

/** Nothing but the page under test may use the network, and containers have no sandbox to offer. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  `--disable-features=${[...OFF_IN_PLAYWRIGHT, ...ADDRESS_BAR_PAGES].join(",")}`,
];

/** A browser with a fresh profile, started with these flags too. The caller closes it. */
export async function launchBrowser(flags: readonly string[] = []): Promise<Browser> {
  const executablePath = SYSTEM_BROWSERS.find((file) => existsSync(file)) ?? chromium.executablePath();
  if (!existsSync(executablePath)) {
    throw new Error(
      "No Chromium was found. Install it: `apt-get install chromium` or `npx playwright-core install chromium`.",
    );
  }
  return chromium.launch({ executablePath, args: [...FLAGS, ...flags] });
}
