/** [G16] What one address may ask of a real server, whose sockets say who calls. */
import { ConvexHttpClient } from "convex/browser";
import { afterAll, beforeAll, expect, test } from "vitest";
import { api } from "../../convex/_generated/api.js";
import { failureData } from "../../convex/shared/errors.ts";
import { Chat } from "./harness.ts";

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start({ VERBATIM_ADDRESS_GUESTS_PER_DAY: "3" });
});
afterAll(() => chat.close());

const newGuest = () =>
  new ConvexHttpClient(chat.server.url).action(api.auth.signIn, { provider: "anonymous" });

test("guests of an address have a budget, over sockets and HTTP; who is one goes on", async () => {
  const client = await chat.open();
  await newGuest();
  await newGuest();
  // One after the other: a rejection that nobody awaits yet would count as unhandled.
  for (const call of [newGuest, () => chat.open()]) {
    const error: unknown = await call().then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(failureData(error)).toMatchObject({ code: "RATE_LIMITED", scope: "address" });
  }
  const { taskId } = await client.send("Still here");
  expect(taskId).toBeTruthy();
});
