/** Verbatim's own server and page, for what is measured in a browser. */
import type { Browser, Page } from "playwright-core";
import type { Id } from "../../convex/_generated/dataModel.js";
import { launchBrowser } from "../../tests/helpers/browser.ts";
import { ChatClient } from "../../tests/helpers/chatClient.ts";
import { freePort, startServer, temporaryFolder } from "../../tests/helpers/server.ts";
import { startPacedProvider } from "../lib/provider.ts";

/** As fast as the provider can, where the pace is not what is measured. */
export const AT_ONCE = 1_000_000;
/** ms: the longest that anything here may take. */
const PATIENCE_MS = 300_000;

export interface Bench {
  readonly browser: Browser;
  readonly url: string;
}

/** Runs `work` with Verbatim's server, whose model answers everything with `text`, and a browser. */
export async function withPage<T>(
  text: string,
  tokensPerSecond: number,
  work: (bench: Bench) => Promise<T>,
): Promise<T> {
  const provider = await startPacedProvider(text, tokensPerSecond);
  const { folder, remove } = await temporaryFolder();
  const env = {
    OPENAI_BASE_URL: provider.server.url,
    OPENAI_API_KEY: "bench",
    VERBATIM_SENDS_PER_MINUTE: "1000000",
    VERBATIM_ADDRESS_SENDS_PER_MINUTE: "1000000",
    VERBATIM_SERVER_REQUESTS_PER_MINUTE: "1000000",
  };
  const server = await startServer({ dataDir: folder, port: await freePort(), env });
  const browser = await launchBrowser();
  try {
    return await work({ browser, url: server.url });
  } finally {
    await browser.close();
    await server.terminate();
    await provider.server.close();
    await remove();
  }
}

/** Opens the app as somebody new. */
export async function openPage({ browser, url }: Bench): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(url);
  await page.waitForSelector("#composer");
  return page;
}

/** Sends, and waits for the whole answer. */
export async function ask(page: Page, prompt: string): Promise<void> {
  await page.fill("#composer", prompt);
  await page.keyboard.press("Enter");
  const turn = page.locator("[data-turn][data-last=true]", { hasText: prompt });
  await turn.locator("article[data-status=complete]").waitFor();
}

/** Prompts on their way at once while a chat is made longer. */
const AT_A_TIME = 50;

/**
 * Makes the open chat longer. Prompts whose answers the next one interrupts are the quickest way to many messages;
 * every `answerEvery`th is answered.
 */
export async function lengthen(page: Page, messages: number, answerEvery = Infinity): Promise<void> {
  const address = page.url();
  const token = await page.evaluate(
    () =>
      Object.keys(localStorage)
        .filter((key) => key.startsWith("__convexAuthJWT_"))
        .map((key) => localStorage.getItem(key))[0] ?? null,
  );
  // Nobody looks on while it grows.
  await page.goto("about:blank");
  const { origin, pathname } = new URL(address);
  const client = await ChatClient.open(origin, token === null ? {} : { token });
  const taskId = pathname.split("/").at(-1) as Id<"tasks">;
  const options = { taskId, whenBusy: "interrupt" } as const;
  let sent: Promise<unknown>[] = [];
  for (let turn = 1; turn <= messages / 2; turn++) {
    const isAnswered = turn % answerEvery === 0;
    if (!isAnswered) sent.push(client.sendOnly("And so?", options));
    if (isAnswered || sent.length === AT_A_TIME) {
      await Promise.all(sent);
      sent = [];
    }
    if (isAnswered) await client.untilEnded(await client.send(`And so, ${turn}?`, options));
  }
  await Promise.all(sent);
  await client.stop(taskId);
  await client.close();
  await page.goto(address);
}
