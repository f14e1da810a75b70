import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./tests/longestFirst.ts";

/**
 * Minutes of random lives, and what comes of a provider's stream, which is the same on every engine. In cloud mode
 * only in `npm run test:long`.
 */
const LONG_IN_CLOUD_MODE = [
  "lifecycle.model",
  "generator",
  "modelStreams",
  "severalProviders",
  "reasoning",
  "sources",
  "madeImages",
  "toolHistory",
  "keptSteps",
  "fileGeneration",
].map((name) => `tests/convex/${name}.test.ts`);
/** What opens no engine runs once. */
const WITHOUT_ENGINE = [
  "tests/convex/wire/**",
  "tests/convex/answerWriter.test.ts",
  "tests/convex/callSettings.test.ts",
  "tests/convex/continuationJoin.test.ts",
  "tests/convex/directWords.test.ts",
  "tests/convex/namedByToken.test.ts",
  "tests/convex/problems.test.ts",
  "tests/convex/providers.test.ts",
  "tests/convex/snippet.test.ts",
  "tests/convex/thinkTags.test.ts",
  "tests/convex/tools/calculate.test.ts",
  "tests/convex/tools/publicFetch.test.ts",
  "tests/convex/tools/readableText.test.ts",
  "tests/convex/tools/searchWeb.test.ts",
];
const EMBEDDED_TEST = fileURLToPath(new URL("./embedded/testing.ts", import.meta.url));

/**
 * One more than there are processors: function suites wait for turns of the event loop half of the time, others for servers and browsers of
 * their own. By itself Vitest leaves one processor free: on a machine of two, half of it.
 */
const WORKERS = availableParallelism() + 1;

/**
 * Only ends what hangs: far from what any test takes on a slow machine. What a test waits for has limits of its own, which
 * say what it was. `STEPS`: of tests of many steps, with servers and browsers.
 */
const TIMEOUT_MS = 60_000;
const STEPS_TIMEOUT_MS = 180_000;

/** The longest that a state is waited for, in milliseconds. Not a measure of anything. */
const PATIENCE = { timeout: 15_000 };

/** One project per kind of test. `convex`, `parity` and `cloud` run the same suites on three engines. */
export default defineConfig({
  test: {
    maxWorkers: WORKERS,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "convex",
          // A thread starts sooner than a process.
          pool: "threads",
          include: ["tests/convex/**/*.test.ts", "tests/parity/**/*.test.ts"],
          environment: "edge-runtime",
          testTimeout: TIMEOUT_MS,
          hookTimeout: TIMEOUT_MS,
          expect: { poll: PATIENCE },
          server: { deps: { inline: ["convex-test"] } },
          provide: { engine: "convex-test" },
        },
      },
      {
        test: {
          name: "parity",
          include: ["tests/convex/**/*.test.ts", "tests/parity/**/*.test.ts"],
          exclude: WITHOUT_ENGINE,
          environment: "node",
          testTimeout: TIMEOUT_MS,
          hookTimeout: TIMEOUT_MS,
          expect: { poll: PATIENCE },
          provide: { engine: "embedded" },
        },
      },
      {
        test: {
          name: "cloud",
          include: ["tests/convex/**/*.test.ts", "tests/parity/**/*.test.ts"],
          exclude: [...WITHOUT_ENGINE, ...LONG_IN_CLOUD_MODE],
          environment: "node",
          testTimeout: TIMEOUT_MS,
          hookTimeout: TIMEOUT_MS,
          expect: { poll: PATIENCE },
          provide: { engine: "cloud" },
        },
      },
      {
        test: {
          name: "cloudLong",
          include: LONG_IN_CLOUD_MODE,
          environment: "node",
          provide: { engine: "cloud" },
        },
      },
      {
        // The examples use the package by its name, whose entries are built only when it is packed.
        resolve: { alias: { "embedded-convex/testing": EMBEDDED_TEST } },
        test: {
          name: "embedded",
          include: ["tests/embedded/**/*.test.ts", "embedded/examples/**/*.test.ts"],
          environment: "node",
          testTimeout: TIMEOUT_MS,
          hookTimeout: TIMEOUT_MS,
          expect: { poll: PATIENCE },
        },
      },
      {
        test: {
          name: "faults",
          include: ["tests/faults/**/*.test.ts"],
          globalSetup: ["tests/faults/globalSetup.ts"],
          environment: "node",
          testTimeout: STEPS_TIMEOUT_MS,
          hookTimeout: STEPS_TIMEOUT_MS,
          expect: { poll: PATIENCE },
          // Real servers and killed processes: after the rest, which would keep the processors busy.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "client",
          pool: "threads",
          include: ["tests/client/**/*.test.{ts,tsx}"],
          environment: "jsdom",
          testTimeout: TIMEOUT_MS,
          hookTimeout: TIMEOUT_MS,
          expect: { poll: PATIENCE },
        },
      },
      {
        test: {
          name: "e2e",
          include: ["tests/e2e/**/*.test.ts"],
          globalSetup: ["tests/faults/globalSetup.ts"],
          environment: "node",
          testTimeout: STEPS_TIMEOUT_MS,
          hookTimeout: STEPS_TIMEOUT_MS,
          expect: { poll: PATIENCE },
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
