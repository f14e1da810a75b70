/** Verbatim as its users run it, with a model server that a test can step, and browsers that look at it. */
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { launchBrowser } from "../../helpers/browser.ts";
import { startOpenaiServer, type OpenaiServer, type ProviderExchange } from "../../helpers/openaiServer.ts";
import { freePort, startServer, temporaryFolder, type RunningServer } from "../../helpers/server.ts";
import { ChatTab } from "./chatTab.ts";

/** What the model makes of the older part of every chat that outgrows it. */
export const SUMMARY = "The user asks about tea, and wants two packets of green tea sent to 1 High Street.";

/** The longest that a request of the server is waited for, which a test may send a while after it has said how to answer. */
const REQUEST_PATIENCE_MS = 60_000;

/** Where a test has failed before, nobody waits for it any more: no failure of its own. */
function heard<T>(asked: Promise<T>): Promise<T> {
  asked.catch(() => {});
  return asked;
}

export class App {
  /** Prompts that a test answers itself, by their exact words. */
  private readonly stepped = new Map<string, (exchange: ProviderExchange) => void>();

  private constructor(
    public server: RunningServer,
    private readonly provider: OpenaiServer,
    private readonly browser: Browser,
    private readonly options: { dataDir: string; port: number; env: Record<string, string> },
    private readonly removeFolder: () => Promise<void>,
  ) {
    provider.behave((exchange) => {
      const step = this.stepped.get(exchange.prompt);
      if (step !== undefined) {
        this.stepped.delete(exchange.prompt);
        step(exchange);
        return;
      }
      exchange.text(exchange.isForSummary ? SUMMARY : `You said: ${exchange.prompt}`);
      exchange.finish();
    });
  }

  /**
   * `settings` of the server, beside those of every test. `atPort`: one that others must know before. `facts`: what the provider's list says of
   * each model.
   */
  static async start(
    settings: Record<string, string> = {},
    { atPort, facts }: { atPort?: number; facts?: Record<string, unknown> } = {},
  ): Promise<App> {
    const [provider, browser, { folder, remove }, port] = await Promise.all([
      startOpenaiServer(facts),
      launchBrowser(),
      temporaryFolder(),
      atPort ?? freePort(),
    ]);
    const env = {
      OPENAI_BASE_URL: provider.url,
      OPENAI_API_KEY: "test",
      // Tests that need a long chat send faster than a person.
      VERBATIM_SENDS_PER_MINUTE: "100000",
      ...settings,
    };
    const options = { dataDir: folder, port, env };
    return new App(await startServer(options), provider, browser, options, remove);
  }

  /** Resolves with the request for the answer to `prompt`, which the test then answers step by step. */
  stepAnswerTo(prompt: string): Promise<ProviderExchange> {
    return heard(this.stepAnswersTo(prompt, 1).then(([exchange]) => exchange!));
  }

  /** The same for a prompt that `count` models are asked at once. Rejects where they are not asked within a minute. */
  stepAnswersTo(prompt: string, count: number): Promise<ProviderExchange[]> {
    const asked = new Promise<ProviderExchange[]>((resolve, reject) => {
      const exchanges: ProviderExchange[] = [];
      const giveUp = () => {
        const others = this.provider.exchanges.slice(-5).map((exchange) => exchange.prompt);
        reject(new Error(`No model was asked “${prompt}”. The last requests: ${JSON.stringify(others)}`));
      };
      const timer = setTimeout(giveUp, REQUEST_PATIENCE_MS);
      const step = (exchange: ProviderExchange): void => {
        exchanges.push(exchange);
        if (exchanges.length < count) {
          this.stepped.set(prompt, step);
          return;
        }
        clearTimeout(timer);
        resolve(exchanges);
      };
      this.stepped.set(prompt, step);
    });
    return heard(asked);
  }

  /** The address of the model server, for who connects it on the page. */
  get modelServer(): string {
    return this.provider.url;
  }

  /** How many answers to `prompt` were asked of the model. */
  requestsFor(prompt: string): number {
    return this.provider.exchanges.filter((exchange) => exchange.prompt === prompt).length;
  }

  /** How many summaries of older parts of chats were asked of the model. */
  requestsForSummaries(): number {
    return this.provider.exchanges.filter((exchange) => exchange.isForSummary).length;
  }

  /** Somebody who has never been here: a fresh profile. */
  async person(options: BrowserContextOptions = {}): Promise<Person> {
    const context = await this.browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: "en-GB",
      ...options,
    });
    return new Person(context, this.server.url);
  }

  /** Somebody's other device: nothing is stored there but the session. */
  async otherDevice(person: Person, options: BrowserContextOptions = {}): Promise<Person> {
    const state = await person.context.storageState();
    for (const origin of state.origins) {
      origin.localStorage = origin.localStorage.filter(({ name }) => name.startsWith("__convexAuth"));
    }
    return this.person({ ...options, storageState: state });
  }

  /** Ends the server without a word and starts it again at the same address. `laterMs`: its clock is so far ahead from then on. */
  async killAndRestart({ laterMs = 0 } = {}): Promise<void> {
    await this.server.kill();
    const clock = fileURLToPath(new URL("../../helpers/laterClock.mjs", import.meta.url));
    const later = { NODE_OPTIONS: `--import=${clock}`, TEST_CLOCK_LATER_MS: String(laterMs) };
    const env = { ...this.options.env, ...(laterMs > 0 && later) };
    this.server = await startServer({ ...this.options, env });
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.terminate();
    await this.provider.close();
    await this.removeFolder();
  }
}

/** One browser profile: its tabs are the same person. */
export class Person {
  constructor(
    readonly context: BrowserContext,
    private readonly url: string,
  ) {}

  /** `prepare` may put something between the page and its server before it is opened. */
  async openTab(path = "/", prepare?: (page: Page) => Promise<void>): Promise<ChatTab> {
    const page = await this.context.newPage();
    await prepare?.(page);
    await page.goto(new URL(path, this.url).href);
    const tab = new ChatTab(page);
    await tab.composer.waitFor();
    return tab;
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
