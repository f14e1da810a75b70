/**
 * What conflicts when many people send at once on a deployment that runs mutations beside each other (cloud mode, E20). All of it
 * happens in leaping time: arrivals, answers, scheduled functions, commits and retries. So the figures do not depend on the
 * machine, only how long they take does.
 */
import { fileURLToPath } from "node:url";
import { api, internal } from "../convex/_generated/api.js";
import type { Id } from "../convex/_generated/dataModel.js";
import type schema from "../convex/schema.ts";
import { clock } from "../embedded/clock.ts";
import { LeapingTime } from "../embedded/engine/cloud/cloudTime.ts";
import type { ConflictReport } from "../embedded/engine/cloud/conflictReport.ts";
import { seededRandom } from "../embedded/engine/cloud/random.ts";
import { silentLog } from "../embedded/log.ts";
import { embeddedTest } from "../embedded/testing.ts";
import type { EmbeddedTest } from "../embedded/testing.ts";
import { appEnvironment } from "./lib/appEnvironment.ts";
import { formatTable } from "./lib/table.ts";

const SENDS_PER_SECOND = 100;
/** Of an answer: milliseconds to its first token, between two writes, and how many writes. */
const FIRST_TOKEN_MS = 400;
const FLUSH_MS = 150;
const FLUSHES = 4;
/** Exchanges of one chat. Then its person begins another, as also while it still answers. */
const EXCHANGES = 3;

const functionsDir = fileURLToPath(new URL("../convex", import.meta.url));

type Load = { seconds: number; people: number };
type Person = { userId: Id<"users">; as: ReturnType<App["withIdentity"]>; chat: Chat | null };
type Chat = { taskId: Id<"tasks">; exchanges: number; isBusy: boolean };
type App = EmbeddedTest<typeof schema>;

/** `people` send in turn, 100 times a second, and each answer is written as a generator does. */
export async function benchConflicts({ seconds, people }: Load): Promise<string> {
  const { app, pause, restore } = openInLeapingTime();
  const failures = new Map<string, number>();
  const persons = await makePeople(app, people);
  const random = seededRandom(1);
  const sends: Promise<void>[] = [];
  for (let count = 0; count < seconds * SENDS_PER_SECOND; count++) {
    const person = persons[count % people] as Person;
    sends.push(
      // At any time, as people do: a few at once, then nobody for a moment.
      pause(random() * seconds * 1000)
        .then(() => exchange(app, person, `client-${count}`, pause))
        .catch((error: unknown) => {
          const text = (error as Error).message.replace(/"[0-9a-z]{31,37}"/g, "…").slice(0, 160);
          failures.set(text, (failures.get(text) ?? 0) + 1);
        }),
    );
  }
  await Promise.all(sends);
  // Start checks and watchdogs of the last runs.
  await pause(60_000);
  const report = await app.conflicts();
  await app.close();
  restore();
  return format({ seconds, people }, report, failures);
}

/** The app in an empty backend whose clock and timers are those of the simulated time too. */
function openInLeapingTime() {
  let time: LeapingTime | null = null;
  const original = { ...clock };
  const muted = muteConsole();
  const begunAt = Date.now();
  const app: App = embeddedTest<typeof schema>({
    functionsDir,
    mode: "cloud",
    // Budgets that nobody meets, so that their bookkeeping is measured, too.
    env: {
      ...appEnvironment("http://127.0.0.1:9"),
      VERBATIM_BUDGET_TOKENS: "1000000000",
      VERBATIM_BUDGET_TOKENS_PER_PERSON: "1000000000",
    },
    log: silentLog,
    cloud: { createTime: (isBusy) => (time = new LeapingTime(isBusy)) },
  });
  const after = (ms: number, ring: () => void): (() => void) => {
    if (time === null) throw new Error("The backend is not open yet");
    return time.after(ms, ring);
  };
  const timers = new Map<object, () => void>();
  clock.now = () => begunAt + Math.floor(time?.now ?? 0);
  clock.setTimeout = (callback, ms) => {
    const timer = {};
    timers.set(
      timer,
      after(ms, () => {
        timers.delete(timer);
        callback();
      }),
    );
    return timer as NodeJS.Timeout;
  };
  clock.clearTimeout = (timer) => {
    timers.get(timer)?.();
    timers.delete(timer);
  };
  return {
    app,
    pause: (ms: number) => new Promise<void>((resolve) => void after(ms, resolve)),
    restore: () => {
      Object.assign(clock, original);
      muted();
    },
  };
}

/** Functions of a test backend log to the console: some lines for each send. Returns how to undo it. */
function muteConsole(): () => void {
  const { info, log, warn } = console;
  Object.assign(console, { info: () => {}, log: () => {}, warn: () => {} });
  return () => void Object.assign(console, { info, log, warn });
}

async function makePeople(app: App, count: number): Promise<Person[]> {
  const sessions = await app.run(async (ctx) => {
    const sessions: { userId: Id<"users">; sessionId: Id<"authSessions"> }[] = [];
    for (let person = 0; person < count; person++) {
      const userId = await ctx.db.insert("users", { isAnonymous: true });
      const sessionId = await ctx.db.insert("authSessions", { userId, expirationTime: Infinity });
      sessions.push({ userId, sessionId });
    }
    return sessions;
  });
  return sessions.map(({ userId, sessionId }) => ({
    userId,
    as: app.withIdentity({ subject: `${userId}|${sessionId}` }),
    chat: null,
  }));
}

/** One prompt with its answer, by the mutations that a page and a generator call. */
async function exchange(
  app: App,
  person: Person,
  clientMessageId: string,
  pause: (ms: number) => Promise<void>,
): Promise<void> {
  const earlier = person.chat?.isBusy === false && person.chat.exchanges < EXCHANGES ? person.chat : null;
  if (earlier) earlier.isBusy = true;
  const { runId, ...receipt } = await person.as.mutation(api.messages.send, {
    taskId: earlier?.taskId ?? null,
    clientMessageId,
    content: "What may I cook today?",
  });
  if (runId === null) throw new Error("The prompt waits in a queue");
  const chat: Chat = { taskId: receipt.taskId, exchanges: (earlier?.exchanges ?? 0) + 1, isBusy: true };
  person.chat = chat;
  // As the page has it claimed: how many the server starts by itself is bounded.
  const claim = await app.mutation(internal.generation.claim, { runId, userId: person.userId });
  if (claim !== "claimed") throw new Error(`A run is ${claim} when its page claims it`);
  await pause(FIRST_TOKEN_MS);
  const write = { runId };
  for (let flushSeq = 1; flushSeq <= FLUSHES; flushSeq++) {
    await app.mutation(internal.streamingResponses.updateStreamingContent, {
      ...write,
      flushSeq,
      parts: [{ type: "text", position: 0, text: "Rice with whatever the season has, and lemon. " }],
    });
    await pause(FLUSH_MS);
  }
  await app.mutation(internal.streamingResponses.completeStreamingResponse, {
    ...write,
    last: { flushSeq: FLUSHES + 1, parts: [] },
    endReason: "finished",
    finishReason: "stop",
    usage: { inputTokens: 900, outputTokens: 400 },
  });
  chat.isBusy = false;
}

function format(load: Load, { mutations, conflicts }: ConflictReport, failures: Map<string, number>): string {
  const percent = (part: number, whole: number): string =>
    `${((100 * part) / Math.max(whole, 1)).toFixed(2)} %`;
  const title = `${SENDS_PER_SECOND} sends a second for ${load.seconds} s by ${load.people} people, as a cloud deployment runs them`;
  return [
    formatTable(
      title,
      ["function", "calls", "retries", "retried", "failed", "refused"],
      mutations.map(({ function: name, calls, retries, failures: failed, refusals }) => [
        name,
        calls.toLocaleString("en"),
        retries.toLocaleString("en"),
        percent(retries, calls),
        String(failed),
        String(refusals),
      ]),
    ),
    formatTable(
      "Conflicts",
      ["count", "function", "read", "range", "changed by"],
      conflicts.map(({ count, function: name, component, table, index, range, changedBy }) => [
        String(count),
        name,
        `${component === "" ? "" : `${component}/`}${table}.${index}`,
        range,
        changedBy,
      ]),
    ),
    ...[...failures].map(([text, count]) => `${count} × ${text}`),
  ].join("\n");
}
