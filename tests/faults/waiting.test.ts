/** [G15] Far more people than places: the real server generates for four at once, and everybody is answered. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { AnswerWatcher } from "../helpers/answerWatcher.ts";
import type { ChatClient, Receipt } from "../helpers/chatClient.ts";
import { replySlowly, tokens } from "../helpers/providerBehaviours.ts";
import { Chat } from "./harness.ts";

const PLACES = 4;
const PEOPLE = 100;
const ANSWER = "Everybody is answered, each in their turn.";

let chat: Chat;
let mostAtOnce = 0;
beforeAll(async () => {
  chat = await Chat.start({ VERBATIM_LIVE_RUNS: String(PLACES) });
  chat.provider.behave(async (exchange) => {
    mostAtOnce = Math.max(mostAtOnce, chat.provider.openExchanges);
    await replySlowly(ANSWER, 10)(exchange);
  });
});
afterEach(() => chat.closeClients());
afterAll(() => chat.close());

async function openAll(count: number): Promise<ChatClient[]> {
  const clients: ChatClient[] = [];
  for (let i = 0; i < count; i++) clients.push(await chat.open());
  return clients;
}

/** Every answer is whole. None was taken for crashed, nor ended otherwise. */
async function expectAllAnswered(
  clients: readonly ChatClient[],
  receipts: readonly Receipt[],
): Promise<void> {
  const messages = await Promise.all(receipts.map((receipt, i) => clients[i]!.untilEnded(receipt)));
  const reasons = messages.map(({ endReason }) => endReason);
  expect(reasons.filter((reason) => reason !== "finished")).toEqual([]);
  expect(new Set(messages.map(({ parts }) => (parts[0] as { text: string }).text))).toEqual(
    new Set([ANSWER]),
  );
}

test(`[G15] ${PEOPLE} people send at one moment, and there are ${PLACES} places: all answers finish`, async () => {
  const clients = await openAll(PEOPLE);
  const receipts = await Promise.all(
    clients.map(async (client, i) => {
      const receipt = await client.send(`Prompt ${i}`);
      void client.startWhenCalled(receipt);
      return receipt;
    }),
  );
  await expectAllAnswered(clients, receipts);
  expect(mostAtOnce).toBe(PLACES);
}, 300_000);

test("[G15] the tabs of twelve of them are closed at once: the server answers all the same", async () => {
  const senders = await openAll(12);
  const receipts = await Promise.all(senders.map((client) => client.sendOnly("Go")));
  const tokensOf = senders.map(({ token }) => token);
  await chat.closeClients();
  const tabs = await Promise.all(tokensOf.map((token) => chat.open({ token })));
  await expectAllAnswered(tabs, receipts);
});

test("[G15, E5] kill -9 while most of them wait: what was generating is told to be crashed, what waited is answered", async () => {
  const clients = await openAll(10);
  chat.provider.behave(replySlowly(ANSWER.repeat(20), 20));
  const receipts: Receipt[] = [];
  for (const client of clients) receipts.push(await client.send("Go"));
  const first = AnswerWatcher.of(clients[0]!, receipts[0]!);
  await first.untilText((text) => tokens(text).length > 3);
  first.close();
  await chat.server.kill();
  chat.provider.behave(replySlowly(ANSWER, 10));
  await chat.restart();
  const messages = await Promise.all(receipts.map((receipt, i) => clients[i]!.untilEnded(receipt)));
  const reasons = messages.map(({ endReason }) => endReason);
  expect(reasons.filter((reason) => reason === "crashed").length).toBeLessThanOrEqual(PLACES);
  expect(reasons.filter((reason) => reason === "finished").length).toBeGreaterThanOrEqual(10 - PLACES);
  expect(reasons.filter((reason) => reason !== "crashed" && reason !== "finished")).toEqual([]);
});
