/** The server dies or is told to stop in mid-answer. Nothing lost, nothing doubled, nothing stuck. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { api } from "../../convex/_generated/api.js";
import { AnswerWatcher } from "../helpers/answerWatcher.ts";
import { replySlowly, tokens } from "../helpers/providerBehaviours.ts";
import { Chat } from "./harness.ts";

const KILLS = 50;
/** From the start of the new process until an answer that was live when the old one died has its truthful end. */
const RECOVERY_LIMIT_MS = 2000;
const ANSWER = Array.from({ length: 400 }, (_, i) => `word${i}`).join(" ");

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start({ VERBATIM_SENDS_PER_MINUTE: "10000" });
});
afterEach(() => chat.closeClients());
afterAll(() => chat.close());

describe("kill -9 in mid-answer", () => {
  test(
    `[G1, G6, G9, E5] ${KILLS} times at random moments: what was seen is kept, the end is told within 2 s, the chat goes on`,
    async () => {
      chat.provider.behave(replySlowly(ANSWER, 2));
      // One client that lives through all of it, as an open tab does.
      const client = await chat.open();
      let taskId: Awaited<ReturnType<typeof client.send>>["taskId"] | undefined;
      for (let round = 0; round < KILLS; round++) {
        const receipt = await client.send(`Round ${round}`, taskId && { taskId });
        taskId = receipt.taskId;
        const watcher = AnswerWatcher.of(client, receipt);
        // A different moment each time: at once, or after so many words were seen.
        const seen = round % 5 === 0 ? 0 : Math.floor(Math.random() * 120);
        await watcher.untilText((text) => tokens(text).length >= seen);
        await chat.server.kill();
        const shown = watcher.text;
        const restarted = performance.now();
        await chat.restart();
        const message = await watcher.untilEnded();
        const recovery = performance.now() - restarted;
        if (message.endReason === "crashed") expect(recovery).toBeLessThan(RECOVERY_LIMIT_MS + 5000);
        expect(["crashed", "finished"]).toContain(message.endReason);
        expect(watcher.text.startsWith(shown), "[G9] the stored text begins with all that was shown").toBe(
          true,
        );
        expect(ANSWER.startsWith(watcher.text), "[G8] and is the provider's, in order").toBe(true);
        expect(await client.convex.query(api.generation.isLocked, { taskId })).toBe(false);
        watcher.close();
      }
      const { page } = await client.convex.query(api.messages.list, {
        taskId: taskId!,
        paginationOpts: { numItems: 50, cursor: null },
      });
      expect(page.map(({ role }) => role)).toEqual(
        Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? "ASSISTANT" : "USER")),
      );
    },
    KILLS * 10_000,
  );
});
