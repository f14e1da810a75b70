/** A page while an answer streams into it: beside the AI SDK's `useChat`, and with the colours of code beside plain text. */
import { availableParallelism, loadavg } from "node:os";
import type { Page } from "playwright-core";
import { launchBrowser } from "../tests/helpers/browser.ts";
import { startPacedProvider } from "./lib/provider.ts";
import { percentile } from "./lib/statistics.ts";
import { formatKb, formatMs, formatTable } from "./lib/table.ts";
import { markdownAnswer } from "./page/markdownAnswer.ts";
import { openPage, withPage } from "./page/openApp.ts";
import { observe, observed, recordTasks, slowDown } from "./page/smoothness.ts";
import { startUseChatServer } from "./page/useChatServer.ts";

const TOKENS_PER_SECOND = 100;
/** A phone of the middle class beside the computer that runs this. */
const SLOWDOWN = 4;
/** ms between two key presses while an answer streams. */
const KEY_EVERY_MS = 400;
/** ms: a task longer than this holds the page up. */
const LONG_MS = 50;

/** `bytes`: characters of the answer. */
export async function benchStreaming(bytes: number): Promise<string> {
  return (await besideUseChat(bytes)) + (await coloursTable(bytes / 4));
}

/** The same text at the same pace in both pages, while somebody types. */
async function besideUseChat(bytes: number): Promise<string> {
  const text = markdownAnswer(bytes);
  const rows = await withPage(text, TOKENS_PER_SECOND, async (bench) => [
    ["Verbatim", ...(await streamInto(await openPage(bench)))],
  ]);
  const provider = await startPacedProvider(text, TOKENS_PER_SECOND);
  const peer = await startUseChatServer(provider.server.url);
  const browser = await launchBrowser();
  for (const [name, query] of [
    ["useChat", ""],
    ["useChat, throttled to 50 ms", "?throttle=50"],
  ] as const) {
    rows.push([name, ...(await streamInto(await openPage({ browser, url: peer.url + "/" + query })))]);
  }
  await browser.close();
  peer.close();
  await provider.server.close();
  return formatTable(
    `${formatKb(bytes)} of markdown at ${TOKENS_PER_SECOND} tokens/s, processor slowed ${SLOWDOWN}×, somebody typing`,
    ["page", "long tasks", "in all", "longest", "frames dropped", "key to paint, median", "95 %", "machine"],
    rows,
  );
}

async function streamInto(page: Page): Promise<string[]> {
  await slowDown(page, SLOWDOWN);
  await page.fill("#composer", "Go on");
  await observe(page);
  await page.keyboard.press("Enter");
  const answer = page.locator("article[data-status=complete]:not([data-role=user])");
  await page.locator("article:not([data-role=user])").waitFor();
  while ((await answer.count()) === 0) {
    await page.keyboard.press("x");
    await new Promise((resolve) => setTimeout(resolve, KEY_EVERY_MS));
  }
  const { longTasks, droppedFrames, keys } = await observed(page);
  await page.context().close();
  const total = longTasks.reduce((sum, ms) => sum + ms, 0);
  return [
    String(longTasks.length),
    formatMs(total),
    formatMs(Math.max(0, ...longTasks)),
    `${(droppedFrames * 100).toFixed(0)} %`,
    formatMs(percentile(keys, 0.5)),
    formatMs(percentile(keys, 0.95)),
    machineLoad(),
  ];
}

/** How busy the machine was: beyond one process for each core, the figures are also its other users'. */
const machineLoad = () => `${(loadavg()[0] ?? NaN).toFixed(1)} processes for ${availableParallelism()} cores`;

/** One block of code, and the same as text of no language, which has no colours: the difference is what these cost. */
async function coloursTable(bytes: number): Promise<string> {
  const code = (/```ts\n([^]*?)```/.exec(markdownAnswer(2_000))?.[1] ?? "")
    .repeat(Math.ceil(bytes / 500))
    .slice(0, bytes);
  const rows: string[][] = [];
  for (const [name, language] of [
    ["with colours", "ts"],
    ["without", "text"],
  ] as const) {
    const text = `\`\`\`${language}\n${code}\n\`\`\``;
    const tasks = await withPage(text, TOKENS_PER_SECOND, async (bench) =>
      streamedTasks(await openPage(bench)),
    );
    rows.push([
      name,
      String(tasks.filter((ms) => ms > LONG_MS).length),
      formatMs(Math.max(0, ...tasks)),
      formatMs(tasks.reduce((sum, ms) => sum + ms, 0)),
    ]);
  }
  return formatTable(
    `${formatKb(bytes)} of code in one block, processor slowed ${SLOWDOWN}×: ms of the processor`,
    ["page", `tasks over ${LONG_MS} ms`, "longest", "all tasks"],
    rows,
  );
}

/** ms of the processor of each task while the answer streams, after the first answer of the page. */
async function streamedTasks(page: Page): Promise<number[]> {
  const answers = page.locator("article[data-status=complete]");
  const send = async (prompt: string, count: number): Promise<void> => {
    await page.fill("#composer", prompt);
    await page.keyboard.press("Enter");
    await answers.nth(count).waitFor();
  };
  // What is loaded when it is first needed is not part of it.
  await send("First", 0);
  await slowDown(page, SLOWDOWN);
  const end = await recordTasks(page);
  await send("Second", 1);
  return end();
}
