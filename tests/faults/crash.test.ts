/** The server dies or is told to stop in mid-answer. Nothing lost, nothing doubled, nothing stuck. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Id } from "../../convex/_generated/dataModel.js";
import { api } from "../../convex/_generated/api.js";
import { AnswerWatcher } from "../helpers/answerWatcher.ts";
import { reply, replySlowly, tokens } from "../helpers/providerBehaviours.ts";
import { Chat } from "./harness.ts";

/** Each is a start of the server. `npm run test:long` has 50. */
const KILLS = process.env["TEST_LONG"] === "on" ? 50 : 8;
const ANSWER = Array.from({ length: 400 }, (_, i) => `word${i}`).join(" ");

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start({ VERBATIM_SENDS_PER_MINUTE: "10000" });
});
afterEach(() => chat.closeClients());
afterAll(() => chat.close());

test(
  `[G1, G6, G9, E5] kill -9 at ${KILLS} random moments of a stream: what was seen is kept, the end is told before the next server serves`,
  async () => {
    chat.provider.behave(replySlowly(ANSWER, 2));
    // One tab that is open all the time.
    const client = await chat.open();
    let taskId: Id<"tasks"> | undefined;
    for (let round = 0; round < KILLS; round++) {
      const receipt = await client.send(`Round ${round}`, taskId && { taskId });
      taskId = receipt.taskId;
      const watcher = AnswerWatcher.of(client, receipt);
      // A different moment each time: at once, or after so many words were seen.
      const words = round % 5 === 0 ? 0 : Math.floor(Math.random() * 120);
      await watcher.untilText((text) => tokens(text).length >= words);
      await chat.server.kill();
      const shown = watcher.text;
      await chat.restart();
      const servedAt = Date.now();
      const message = await watcher.untilEnded();
      watcher.close();
      // A run that nobody had claimed when the server died is started by its start check.
      expect(["crashed", "finished"]).toContain(message.endReason);
      if (message.endReason === "crashed") {
        expect(message.endedAt, "[G6] ended by the start, not by its lease").toBeLessThanOrEqual(servedAt);
      }
      expect(watcher.text.startsWith(shown), "[G9] the stored text begins with all that was shown").toBe(
        true,
      );
      expect(ANSWER.startsWith(watcher.text), "[G8] and is the provider's, in order").toBe(true);
      expect(await client.convex.query(api.generation.isLocked, { taskId })).toBe(false);
    }
    const roles = (await client.messages(taskId!)).map(({ role }) => role);
    expect(roles).toEqual(roles.map((_, i) => (i % 2 === 0 ? "USER" : "ASSISTANT")));
  },
  // A busy machine takes ten seconds for a kill and a start.
  KILLS * 20_000,
);

test("[E17, G9, G12] SIGTERM in mid-answer: a clean exit, a truthful end, and the open tab goes on after the restart", async () => {
  chat.provider.behave(replySlowly(ANSWER, 5));
  const client = await chat.open();
  const receipt = await client.send("Go");
  const watcher = AnswerWatcher.of(client, receipt);
  await watcher.untilText((text) => tokens(text).length > 20);
  expect(await chat.server.terminate()).toEqual({ code: 0, signal: null });
  expect(await chat.provider.exchanges.at(-1)!.closed).toBe("client");
  const shown = watcher.text;

  await chat.restart();
  const message = await watcher.untilEnded();
  expect(message.endReason).toBe("crashed");
  expect(watcher.text.startsWith(shown)).toBe(true);
  expect(ANSWER.startsWith(watcher.text)).toBe(true);

  chat.provider.behave(reply("Welcome back"));
  const next = await client.untilEnded(await client.send("Again", { taskId: receipt.taskId }));
  expect(next).toMatchObject({ endReason: "finished", parts: [{ text: "Welcome back" }] });
});

test("[G6] a client that vanishes in mid-answer stops nothing: the answer is finished and there for the next tab", async () => {
  chat.provider.behave(replySlowly("one two three four five six seven eight", 30));
  const client = await chat.open();
  const receipt = await client.send("Go");
  await AnswerWatcher.of(client, receipt).untilText((text) => text.length > 0);
  await client.close();

  const tab = await chat.open({ token: client.token });
  const message = await tab.untilEnded(receipt);
  expect(message).toMatchObject({
    endReason: "finished",
    parts: [{ text: "one two three four five six seven eight" }],
  });
});

test("[G6] a client that vanishes before it has started its run: the server starts it after 2 s", async () => {
  chat.provider.behave(reply("Better late than never"));
  const client = await chat.open();
  const receipt = await client.sendOnly("Go");
  await client.close();

  const tab = await chat.open({ token: client.token });
  const message = await tab.untilEnded(receipt);
  expect(message).toMatchObject({ endReason: "finished", parts: [{ text: "Better late than never" }] });
});
