/** The longest time that a text of somebody else holds up a tab: while it arrives, and when the chat is opened again. */
import type { Page } from "playwright-core";
import { launchBrowser } from "../tests/helpers/browser.ts";
import { HEAVY_TEXTS, LAST_WORDS, type HeavyText } from "../tests/helpers/heavyTexts.ts";
import { startOpenaiServer } from "../tests/helpers/openaiServer.ts";
import { freePort, startServer, temporaryFolder } from "../tests/helpers/server.ts";
import { formatMs, formatTable } from "./lib/table.ts";
import { observe, observed } from "./page/smoothness.ts";

/** ms: the aim of issue 10. */
const AIM_MS = 200;
/** ms without a long task after which a page counts as done. */
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
    for (const heavy of HEAVY_TEXTS.filter(({ name }) => name.includes(names))) {
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
    `Longest task of a tab, aim ${AIM_MS} ms`,
    ["text", "size", "while it arrives", "opened again", "long tasks, opened again", "within the aim"],
    rows,
  );
}

async function measure(page: Page, url: string, { name, text }: HeavyText): Promise<string[]> {
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(url);
  await page.waitForSelector("#composer");
  await observe(page);
  await page.fill("#composer", "Show it.");
  await page.keyboard.press("Enter");
  const arrived = await quiet(page, page.url());
  const address = page.url();
  const tab = await page.context().newPage();
  await page.close();
  tab.setDefaultTimeout(PATIENCE_MS);
  // Before the page's own script, so that its first task counts too.
  await tab.addInitScript(`(${startObserving.toString()})()`);
  await tab.goto(address);
  const opened = await quiet(tab, null);
  const size = `${(text.length / 1000).toFixed(0)} k`;
  const all = opened === null ? "–" : `${opened.length}, ${formatMs(opened.reduce((sum, ms) => sum + ms, 0))}`;
  const worst = Math.max(longest(arrived), longest(opened));
  return [name, size, shown(arrived), shown(opened), all, worst <= AIM_MS ? "yes" : "no"];
}

function startObserving() {
  const seen = { longTasks: [] as number[], frames: [] as number[], keys: [] as number[] };
  window.smoothness = seen;
  new PerformanceObserver((list) => {
    seen.longTasks.push(...list.getEntries().map((entry) => entry.duration));
  }).observe({ type: "longtask", buffered: true });
}

const longest = (tasks: readonly number[] | null) => (tasks === null ? Infinity : Math.max(0, ...tasks));
const shown = (tasks: readonly number[] | null) =>
  tasks === null ? `over ${PATIENCE_MS / 1000} s` : formatMs(longest(tasks));

/** The long tasks of a page until the text is there to its end and nothing more happens; null if that takes too long. */
async function quiet(page: Page, _from: string | null): Promise<readonly number[] | null> {
  const work = async () => {
    await page.waitForFunction(
      (words) => {
        const answer = document.querySelector("article[data-status=complete]");
        return answer?.textContent.includes(words) === true;
      },
      LAST_WORDS,
      { polling: 250 },
    );
    let count = -1;
    for (;;) {
      const { longTasks } = await observed(page);
      if (longTasks.length === count) return longTasks;
      count = longTasks.length;
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    }
  };
  return Promise.race([
    work().catch(() => null),
    new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS)),
  ]);
}
