/** Follow-ups on the real server: asked of the real provider code, and in the way of nothing. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { api } from "../../convex/_generated/api.js";
import { reply } from "../helpers/providerBehaviours.ts";
import { Chat } from "./harness.ts";

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start({ VERBATIM_FOLLOW_UPS: "on" });
});
afterEach(() => chat.closeClients());
afterAll(() => chat.close());

/** An answer that has finished, with the request for its follow-ups open: the test answers it, or never. */
async function asked() {
  const client = await chat.open();
  chat.provider.behave(() => undefined);
  chat.provider.behaveOnce(reply("Salt, then cold water."));
  const receipt = await client.send("How do I get wine out of linen?");
  await chat.provider.nextExchange();
  await client.untilEnded(receipt);
  const messageId = receipt.assistantMessageId;
  if (messageId === null) throw new Error("The prompt waits in the queue");
  await client.convex.mutation(api.followUps.request, { messageId });
  const request = await chat.provider.nextExchange();
  expect(request.prompt).toContain("Salt, then cold water.");
  return { client, taskId: receipt.taskId, messageId, request };
}

test("[G3] another prompt closes the request: a model with room for one is free for the answer", async () => {
  const { client, taskId, request } = await asked();
  request.begin();
  const next = await client.send("And coffee?", { taskId });
  const answer = await chat.provider.nextExchange();
  expect(answer.prompt).toBe("And coffee?");
  // As a model with room for one: it says nothing before the other request is gone.
  expect(await request.closed).toBe("client");
  answer.text("The same.");
  answer.finish();
  expect((await client.untilEnded(next)).endReason).toBe("finished");
  await client.until(api.followUps.get, { taskId }, (row) => row === null);
});

test("[E5] what was suggested survives the server's death; what was being asked for is lost, with nothing else", async () => {
  const first = await asked();
  const suggestions = ["And coffee?", "And wool?"];
  first.request.text(suggestions.join("\n"));
  first.request.finish();
  const { taskId } = first;
  await first.client.until(api.followUps.get, { taskId }, (row) => row?.followUps.kind === "ready");
  const second = await asked();
  await chat.server.kill();
  await chat.restart();
  expect(await first.client.convex.query(api.followUps.get, { taskId })).toEqual({
    messageId: first.messageId,
    followUps: { kind: "ready", suggestions },
  });
  chat.provider.behave(reply("Gladly."));
  const next = await second.client.send("Thanks", { taskId: second.taskId });
  expect((await second.client.untilEnded(next)).endReason).toBe("finished");
});
