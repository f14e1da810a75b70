/** The process of people who each have one live answer and watch it as the page does. */
import { api } from "../../convex/_generated/api.js";
import { AnswerWatcher } from "../../tests/helpers/answerWatcher.ts";
import { ChatClient } from "../../tests/helpers/chatClient.ts";
import { serveParent } from "../lib/childProcess.ts";
import { cpuSeconds } from "../lib/cpu.ts";
import { TimedTextReader } from "../lib/liveText.ts";

/** People who sign in at the same time. */
const SIGN_IN_BATCH = 20;

const people: ChatClient[] = [];
let delays: number[] = [];
let answers: Promise<string | null>[] = [];

const requests = {
  /** Has at least `count` people signed in. */
  signIn: async ({ url, count }: { url: string; count: number }) => {
    while (people.length < count) {
      const batch = Math.min(SIGN_IN_BATCH, count - people.length);
      people.push(...(await Promise.all(Array.from({ length: batch }, () => ChatClient.open(url)))));
    }
  },
  /** `count` people send, evenly over so many milliseconds. Resolves when each has seen the first text of the answer. */
  send: async ({ count, overMs }: { count: number; overMs: number }) => {
    const begun = performance.now();
    const firstSeen: Promise<void>[] = [];
    answers = people.slice(0, count).map(async (person, i) => {
      let seen = (): void => {};
      firstSeen.push(new Promise((resolve) => (seen = resolve)));
      await until(begun + (i * overMs) / count);
      const receipt = await person.sendOnly("Please write.");
      const reader = new TimedTextReader();
      const watcher = AnswerWatcher.of(person, receipt, (text) => {
        if (text !== "") seen();
        delays.push(...reader.delaysOf(text));
      });
      person.convex.action(api.generate.start, { runId: receipt.runId! }).catch(() => {});
      const { endReason } = await watcher.untilEnded();
      watcher.close();
      seen();
      return endReason;
    });
    await Promise.all(firstSeen);
  },
  /** The delays, in milliseconds, of all tokens seen since the last call. */
  takeDelays: () => delays.splice(0),
  /** Resolves when all answers have ended, with how many have ended in each way. */
  untilEnded: async () => {
    const ends: Record<string, number> = {};
    for (const end of await Promise.all(answers)) ends[String(end)] = (ends[String(end)] ?? 0) + 1;
    delays = [];
    return ends;
  },
  cpuSeconds,
};

export type ViewerRequests = typeof requests;

serveParent(requests);

function until(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time - performance.now()));
}
