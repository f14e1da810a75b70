/** The page as its users have it, the production build in a browser: what is loaded first, opening a chat, memory. */
import { firstScripts } from "../tests/helpers/firstScripts.ts";
import { percentile, timeEach } from "./lib/statistics.ts";
import { formatKb, formatMs, formatRatio, formatTable } from "./lib/table.ts";
import { markdownAnswer } from "./page/markdownAnswer.ts";
import { ask, AT_ONCE, lengthen, openPage, withPage, type Bench } from "./page/openApp.ts";

export interface PageBenchOptions {
  /** Messages of the chats that are opened, smallest first. */
  readonly chatSizes: readonly number[];
  /** Answers after which memory is looked at. */
  readonly answers: number;
}

const OPENINGS = 7;
/** Real exchanges at the end of each chat that is opened, so that all show the same. */
const LAST_EXCHANGES = 5;
/** Characters of each answer that is kept for the measurement of memory. */
const KEPT_ANSWER_BYTES = 2_000;

export async function benchPage(options: PageBenchOptions): Promise<string> {
  return withPage(markdownAnswer(KEPT_ANSWER_BYTES), AT_ONCE, (bench) => quietTables(bench, options));
}

async function quietTables(bench: Bench, { chatSizes, answers }: PageBenchOptions): Promise<string> {
  const first = formatTable(
    "The page's first JavaScript",
    ["files", "gzip", "of the 130 kB allowed"],
    [await firstJavaScript()],
  );
  const openings = await openChats(bench, chatSizes);
  const opened = formatTable(
    `Opening a chat in a new tab until its last answer is shown, median of ${OPENINGS}`,
    ["messages", "time", "of the smallest"],
    openings.map((ms, i) => [
      chatSizes[i]!.toLocaleString("en"),
      formatMs(ms),
      formatRatio(ms, openings[0]!),
    ]),
  );
  const memory = formatTable(
    "Memory of the page's JavaScript after so many answers of 2 kB, garbage collected",
    ["answers", "heap", "turns in the page"],
    await memoryAfter(bench, answers),
  );
  return first + opened + memory;
}

async function firstJavaScript(): Promise<string[]> {
  const { files, bytes } = await firstScripts();
  return [String(files), formatKb(bytes), `${((bytes / 130_000) * 100).toFixed(0)} %`];
}

async function openChats(bench: Bench, sizes: readonly number[]): Promise<number[]> {
  const medians: number[] = [];
  for (const size of sizes) {
    const page = await openPage(bench);
    await ask(page, "Is it so?");
    await page.waitForURL(/\/chat\//);
    const address = page.url();
    await lengthen(page, size - 2 * (LAST_EXCHANGES + 1));
    for (let exchange = 1; exchange <= LAST_EXCHANGES; exchange++) await ask(page, `Exchange ${exchange}`);
    const times = await timeEach(OPENINGS, async () => {
      const tab = await page.context().newPage();
      await tab.goto(address);
      await tab.locator("[data-turn][data-last=true] article h2 + * h2").first().waitFor();
      await tab.close();
    });
    medians.push(percentile(times, 0.5));
    await page.context().close();
  }
  return medians;
}

async function memoryAfter(bench: Bench, answers: number): Promise<string[][]> {
  const page = await openPage(bench);
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const row = async (count: number): Promise<string[]> => {
    await session.send("HeapProfiler.collectGarbage");
    const { metrics } = await session.send("Performance.getMetrics");
    const heap = metrics.find(({ name }) => name === "JSHeapUsedSize")?.value ?? NaN;
    return [String(count), formatKb(heap), String(await page.locator("[data-turn]").count())];
  };
  await ask(page, "Answer 1");
  const rows = [await row(1)];
  for (let count = 2; count <= answers; count++) await ask(page, `Answer ${count}.`);
  rows.push(await row(answers));
  await page.context().close();
  return rows;
}
