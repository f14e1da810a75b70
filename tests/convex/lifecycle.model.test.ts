/**
 * [G1–G6, G8, G9, G11, G15] Random lives of chats with places for two runs: sends, repetitions, waiting, flushes, stops, crashes, expiry, edits, variants, the queue
 * and deletion, comparisons, from two devices, with a stranger trying the same. After every step the functions show what the plain model
 * says, and the invariants of `metrics.overview` hold. A failure prints its seed.
 */
import fc from "fast-check";
import { afterEach, beforeEach, test, vi } from "vitest";
import { newBackend } from "../helpers/backend.ts";
import { claim, command, flush, newChat } from "./lifecycleCommands.ts";
import { Model, PLACES } from "./lifecycleModel.ts";
import { expectTidy, type Command, type Real } from "./lifecycleStep.ts";
import { newViewer, viewerOf } from "./support.ts";

/** Sequences in one run of the suite, in parts so that a failure names a short test. `npm run test:long` has thirteen times as many. */
const PARTS = 8;
const SEQUENCES_PER_PART = process.env["TEST_LONG"] === "on" ? 130 : 10;
/** ms. Whoever looks for the shortest life that fails ends in time to say what was found. */
const TIME_LIMIT = process.env["TEST_LONG"] === "on" ? 600_000 : 90_000;

/** Steps of one life. */
const MIN_COMMANDS = 6;
const MAX_COMMANDS = 20;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubEnv("VERBATIM_LIVE_RUNS", String(PLACES));
  // A comparison is several requests and runs at once; how a person's budgets bound them is tried elsewhere.
  vi.stubEnv("VERBATIM_SENDS_PER_MINUTE", "1000");
  vi.stubEnv("VERBATIM_LIVE_RUNS_PER_PERSON", "100");
  vi.stubEnv("VERBATIM_MAX_RUNS_PER_PERSON", "100");
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

async function open(): Promise<{ model: Model; real: Real }> {
  vi.setSystemTime(1_800_000_000_000);
  const t = newBackend();
  const first = await newViewer(t);
  const stranger = await newViewer(t);
  return { model: new Model(Date.now()), real: { t, devices: [first, viewerOf(t, first.userId)], stranger } };
}

/** `streams`: it begins with a reply that has some text, or else with one that waits. */
async function live([streams, commands]: [boolean, readonly Command[]]): Promise<void> {
  const { model, real } = await open();
  const first = [newChat("the first words"), ...(streams ? [claim(0), flush(0, "Once upon a time", 2)] : [])];
  for (const next of [...first, ...commands]) if (next.check(model)) await next.run(model, real);
  await expectTidy(model, real);
}

for (let part = 0; part < PARTS; part++) {
  test(
    `[G1–G6, G8, G9, G11, G15] ${SEQUENCES_PER_PART} random lives, part ${part + 1} of ${PARTS}`,
    async () => {
      const commands = fc.array(command, { minLength: MIN_COMMANDS, maxLength: MAX_COMMANDS });
      const life = fc.tuple(fc.boolean(), commands);
      await fc.assert(fc.asyncProperty(life, live), {
        numRuns: SEQUENCES_PER_PART,
        plugins: [fc.interruptAfterTimeLimit(TIME_LIMIT, { failOnInterrupt: true })],
      });
    },
    TIME_LIMIT + 30_000,
  );
}
