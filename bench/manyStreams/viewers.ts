/** The process of people who each have one live answer and watch it as the page does. */
import { AnswerWatcher } from "../../tests/helpers/answerWatcher.ts";
import { ChatClient } from "../../tests/helpers/chatClient.ts";
import { serveParent } from "../lib/childProcess.ts";
import { cpuSeconds } from "../lib/cpu.ts";
import { TimedTextReader } from "../lib/liveText.ts";

/** People who sign in at the same time. */
const SIGN_IN_BATCH = 20;

export type Ends = {
  /** How many answers ended in each way: their `endReason`, or `not ended` after all patience. */
  counts: Record<string, number>;
  /** Milliseconds from a person's send until they saw the first text, the longest of all that finished. */
  longestWaitMs: number;
};

type End = { reason: string; waitMs: number };

const people: ChatClient[] = [];
let delays: number[] = [];
let answers: Promise<End>[] = [];

const requests = {
  /** Has at least `count` people signed in. */
  signIn: async ({ url, count }: { url: string; count: number }) => {
    while (people.length < count) {
      const batch = Math.min(SIGN_IN_BATCH, count - people.length);
      people.push(...(await Promise.all(Array.from({ length: batch }, () => ChatClient.open(url)))));
    }
  },
  /** Everybody leaves. */
  signOut: async () => {
    await Promise.all(people.splice(0).map((person) => person.close()));
  },
  /**
   * `count` people send in a new chat each, evenly over so many milliseconds. Resolves when each has seen text, or the end of
   * their answer, or after `patienceMs`.
   */
  send: async ({ count, overMs, patienceMs }: { count: number; overMs: number; patienceMs: number }) => {
    const begun = performance.now();
    const firstSeen: Promise<void>[] = [];
    answers = people.slice(0, count).map(async (person, i): Promise<End> => {
      let seen = (): void => {};
      firstSeen.push(new Promise((resolve) => (seen = resolve)));
      await until(begun + (i * overMs) / count);
      const sentAt = performance.now();
      let waitMs = 0;
      const receipt = await person.sendOnly("Please write.");
      const reader = new TimedTextReader();
      const watcher = AnswerWatcher.of(person, receipt, (text) => {
        if (text === "") return;
        waitMs ||= performance.now() - sentAt;
        seen();
        delays.push(...reader.delaysOf(text));
      });
      person.start(receipt.runId!);
      void person.startWhenCalled(receipt);
      const message = await Promise.race([watcher.untilEnded(), until(begun + patienceMs)]);
      watcher.close();
      seen();
      return { reason: message?.endReason ?? "not ended", waitMs };
    });
    await Promise.all(firstSeen);
  },
  /** The delays, in milliseconds, of all tokens seen since the last call. */
  takeDelays: () => delays.splice(0),
  untilEnded: async (): Promise<Ends> => {
    const counts: Record<string, number> = {};
    let longestWaitMs = 0;
    for (const { reason, waitMs } of await Promise.all(answers)) {
      counts[reason] = (counts[reason] ?? 0) + 1;
      if (reason === "finished") longestWaitMs = Math.max(longestWaitMs, waitMs);
    }
    delays = [];
    return { counts, longestWaitMs };
  },
  cpuSeconds,
};

export type ViewerRequests = typeof requests;

serveParent(requests);

function until(time: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), time - performance.now()));
}
