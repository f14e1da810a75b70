/** The longest time that a text of somebody else holds up a tab: while it arrives, and when the chat is opened again. */
import type { Page } from "playwright-core";
import { launchBrowser } from "../tests/helpers/browser.ts";
import { HEAVY_TEXTS, LAST_WORDS, type HeavyText } from "../tests/helpers/heavyTexts.ts";
import { startOpenaiServer } from "../tests/helpers/openaiServer.ts";
import { freePort, startServer, temporaryFolder } from "../tests/helpers/server.ts";
import { formatMs, formatTable } from "./lib/table.ts";
import { recordTasks } from "./page/smoothness.ts";

/** ms: the aim of issue 10. */
const AIM_MS = 200;
/** ms between two looks at what still waits. */
const QUIET_MS = 1_500;
/** ms after which no more is waited for. */
const PATIENCE_MS = 60_000;

/** `names`: only texts whose name holds this. */
export async function benchHeavyTexts(names = process.env["HEAVY"] ?? ""): Promise<string> {
  const provider = await startOpenaiServer();
  const { folder, remove } = await temporaryFolder();
  const env = {
    OPENAI_BASE_URL: provider.url,
    OPENAI_API_KEY: "bench",
    VERBATIM_SENDS_PER_MINUTE: "1000000",
    VERBATIM_TITLES: "off",
    VERBATIM_FOLLOW_UPS: "off",
  };
  const server = await startServer({ dataDir: folder, port: await freePort(), env });
  const rows: string[][] = [];
  try {
    for (const heavy of HEAVY_TEXTS.filter(({ name }) => new RegExp(names).test(name))) {
      provider.behave((exchange) => {
        exchange.text(heavy.text);
        exchange.finish();
      });
      // A browser each: one that hangs must not slow the next.
      const browser = await launchBrowser();
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      const row = await measure(await context.newPage(), server.url, heavy);
      rows.push(row);
      console.log(row.join(" · "));
      await browser.close();
    }
  } finally {
    await server.terminate();
    await provider.close();
    await remove();
  }
  return formatTable(
    `Longest task of a tab, in ms of the processor; aim ${AIM_MS}`,
    ["text", "size", "while it arrives", "opened again", "all tasks, opened again", "within the aim"],
    rows,
  );
}

async function measure(page: Page, url: string, { name, text }: HeavyText): Promise<string[]> {
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(url);
  await page.waitForSelector("#composer");
  await page.fill("#composer", "Show it.");
  const arriving = await recordTasks(page);
  await page.keyboard.press("Enter");
  const arrived = await isShown(page);
  const first = await arriving();
  const address = page.url();
  const tab = await page.context().newPage();
  await page.close();
  tab.setDefaultTimeout(PATIENCE_MS);
  const opening = await recordTasks(tab);
  await tab.goto(address);
  const opened = await isShown(tab);
  const second = await opening();
  const worst = Math.max(...first, ...second);
  return [
    name,
    `${(text.length / 1000).toFixed(0)} k`,
    arrived ? formatMs(longest(first)) : `over ${PATIENCE_MS / 1000} s`,
    opened ? formatMs(longest(second)) : `over ${PATIENCE_MS / 1000} s`,
    formatMs(second.reduce((sum, ms) => sum + ms, 0)),
    arrived && opened && worst <= AIM_MS ? "yes" : "no",
  ];
}

const longest = (tasks: readonly number[]) => Math.max(0, ...tasks);

/** Waits until the answer is there to its end and its rendering rests. False if that takes too long. */
async function isShown(page: Page): Promise<boolean> {
  const shown = async () => {
    await page.waitForFunction(
      (words) => document.querySelector("article[data-status=complete]")?.textContent.includes(words),
      LAST_WORDS,
      { polling: 250 },
    );
    let waiting = -1;
    for (;;) {
      const now = await page.locator("[data-plain=waiting]").count();
      if (now === waiting) return true;
      waiting = now;
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    }
  };
  const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), PATIENCE_MS));
  return Promise.race([shown().catch(() => false), late]);
}
