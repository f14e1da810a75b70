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

/** A first prompt that was answered, with the request for a title open. */
async function firstExchange(): Promise<{ client: ChatClient; receipt: Receipt; request: ProviderExchange }> {
  const client = await chat.open();
  chat.provider.behaveOnce(reply("Salt, then cold water."));
  // The test answers the request for a title itself, or never.
  chat.provider.behave(() => undefined);
  const receipt = await client.send("How do I get wine out of linen?");
  await chat.provider.nextExchange();
  await client.untilEnded(receipt);
  return { client, receipt, request: await chat.provider.nextExchange() };
}

const title = (wanted: string) => (task: { title: string } | null) => task?.title === wanted;

test("[G5] the chat is free while its model looks for a title, and is named when it has replied", async () => {
  const { client, receipt, request } = await firstExchange();
  const { taskId } = receipt;
  expect(request.prompt).toContain("Salt, then cold water.");
  expect(await client.convex.query(api.generation.isLocked, { taskId })).toBe(false);
  chat.provider.behaveOnce(reply("Gladly."));
  const second = await client.send("Thanks", { taskId });
  expect((await client.untilEnded(second)).endReason).toBe("finished");
  expect((await chat.provider.nextExchange()).prompt).toBe("Thanks");
  request.text("Wine on Linen");
  request.finish();
  await client.until(api.tasks.get, { taskId }, title("Wine on Linen"));
});

test("[E5] the server dies while the model looks for a title: it is asked once more, after the next answer", async () => {
  const { client, receipt } = await firstExchange();
  const { taskId } = receipt;
  await chat.server.kill();
  await chat.restart();
  chat.provider.behave(reply("Gladly."));
  chat.provider.behaveOnce(reply("You are welcome."));
  const second = await client.send("Thanks", { taskId });
  expect((await client.untilEnded(second)).endReason).toBe("finished");
  expect((await chat.provider.nextExchange()).prompt).toBe("Thanks");
  const request = await chat.provider.nextExchange();
  expect(request.prompt).toContain("Salt, then cold water.");
  await client.until(api.tasks.get, { taskId }, title("Gladly"));
});
