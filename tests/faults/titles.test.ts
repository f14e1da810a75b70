/** Automatic titles on the real server: asked of the real provider code after the first answer, and lost with nothing else. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { api } from "../../convex/_generated/api.js";
import type { ChatClient, Receipt } from "../helpers/chatClient.ts";
import type { ProviderExchange } from "../helpers/openaiServer.ts";
import { reply } from "../helpers/providerBehaviours.ts";
import { Chat } from "./harness.ts";

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start({ VERBATIM_TITLES: "on" });
});
afterEach(() => chat.closeClients());
afterAll(() => chat.close());

/** The next request of this kind: one for a title that an earlier test had begun may still come between. */
async function nextExchange(wanted: (prompt: string) => boolean): Promise<ProviderExchange> {
  for (;;) {
    const exchange = await chat.provider.nextExchange();
    if (wanted(exchange.prompt)) return exchange;
  }
}

/** A first prompt that was answered, with the request for a title open. */
async function firstExchange(
  question: string,
): Promise<{ client: ChatClient; receipt: Receipt; request: ProviderExchange }> {
  const client = await chat.open();
  chat.provider.behaveOnce(reply("Salt, then cold water."));
  // The test answers the request for a title itself, or never.
  chat.provider.behave(() => undefined);
  const receipt = await client.send(question);
  await nextExchange((prompt) => prompt === question);
  await client.untilEnded(receipt);
  return { client, receipt, request: await nextExchange((prompt) => prompt.includes(`${question}\n`)) };
}

const title = (wanted: string) => (task: { title: string } | null) => task?.title === wanted;

test("[G5] the chat is free while its model looks for a title, and is named when it has replied", async () => {
  const { client, receipt, request } = await firstExchange("How do I get wine out of linen?");
  const { taskId } = receipt;
  expect(request.prompt).toContain("Salt, then cold water.");
  expect(await client.convex.query(api.generation.isLocked, { taskId })).toBe(false);
  chat.provider.behaveOnce(reply("Gladly."));
  const second = await client.send("Thanks", { taskId });
  expect((await client.untilEnded(second)).endReason).toBe("finished");
  await nextExchange((prompt) => prompt === "Thanks");
  request.text("Wine on Linen");
  request.finish();
  await client.until(api.tasks.get, { taskId }, title("Wine on Linen"));
});

test("[E5] the server dies while the model looks for a title: it is asked once more, after the next answer", async () => {
  const { client, receipt } = await firstExchange("How do I get wine out of wool?");
  const { taskId } = receipt;
  await chat.server.kill();
  await chat.restart();
  chat.provider.behave(reply("Gladly."));
  chat.provider.behaveOnce(reply("You are welcome."));
  const second = await client.send("Thanks", { taskId });
  expect((await client.untilEnded(second)).endReason).toBe("finished");
  await nextExchange((prompt) => prompt === "Thanks");
  const request = await nextExchange((prompt) => prompt.includes("out of wool?\n"));
  expect(request.prompt).toContain("Salt, then cold water.");
  await client.until(api.tasks.get, { taskId }, title("Gladly"));
});
