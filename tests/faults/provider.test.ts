/**
 * Every way in which a model provider can answer badly. For each: what the reader sees, what is stored, that the chat is
 * free again at that very moment, and that the provider's connection was closed.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { api } from "../../convex/_generated/api.js";
import { textOf } from "../../convex/shared/parts.ts";
import { AnswerWatcher } from "../helpers/answerWatcher.ts";
import type { ChatMessage } from "../helpers/chatClient.ts";
import type { Behaviour, ProviderExchange } from "../helpers/openaiServer.ts";
import {
  dropAfter,
  endWithoutFinish,
  errorAfter,
  fallSilentAfter,
  hang,
  malformedAfter,
  refuse,
  reply,
  replySlowly,
} from "../helpers/providerBehaviours.ts";
import { Chat } from "./harness.ts";

/** Short beside the default of a minute, long beside everything else here. */
const SILENCE_LIMIT_MS = 2_000;

let chat: Chat;
let impatient: Chat;
beforeAll(async () => {
  [chat, impatient] = await Promise.all([
    Chat.start(),
    Chat.start({
      VERBATIM_FIRST_TOKEN_LIMIT_MS: String(SILENCE_LIMIT_MS),
      VERBATIM_SILENCE_LIMIT_MS: String(SILENCE_LIMIT_MS),
    }),
  ]);
});
afterEach(() => Promise.all([chat.closeClients(), impatient.closeClients()]));
afterAll(() => Promise.all([chat.close(), impatient.close()]));

type Ended = { message: ChatMessage; text: string; exchanges: readonly ProviderExchange[] };

/** Sends one prompt to a provider that behaves so; resolves when the answer has ended and all connections with it. */
function ask(behaviour: Behaviour, ...before: Behaviour[]): Promise<Ended> {
  for (const earlier of before) chat.provider.behaveOnce(earlier);
  return askIn(chat, behaviour);
}

async function askIn(chat: Chat, behaviour: Behaviour): Promise<Ended> {
  chat.provider.behave(behaviour);
  const asked = chat.provider.exchanges.length;
  const client = await chat.open();
  const receipt = await client.send("Hello?");
  const watcher = AnswerWatcher.of(client, receipt);
  const message = await watcher.untilEnded();
  // The end, the lock's release and the task's new state are one transaction. [G5]
  expect(await client.convex.query(api.generation.isLocked, { taskId: receipt.taskId })).toBe(false);
  const exchanges = chat.provider.exchanges.slice(asked);
  await Promise.all(exchanges.map((exchange) => exchange.closed));

  const stored = (await client.messages(receipt.taskId)).filter(({ role }) => role === "ASSISTANT");
  expect(stored, "[G1] one answer").toHaveLength(1);
  expect(textOf(stored[0]!.parts), "[G9] what was seen is stored").toBe(watcher.text);

  // The chat goes on as if nothing had been.
  chat.provider.behave(reply("Yes."));
  const next = await client.untilEnded(await client.send("Still there?", { taskId: receipt.taskId }));
  expect(next).toMatchObject({ status: "complete", endReason: "finished" });
  return { message, text: watcher.text, exchanges };
}

describe("ends of an answer are told truthfully", () => {
  test("[G12] a regular end: `finished`", async () => {
    const { message, text } = await ask(reply("Hello big world"));
    expect(message).toMatchObject({ status: "complete", endReason: "finished", finishReason: "stop" });
    expect(text).toBe("Hello big world");
  });

  test("[G12] a slow provider is no fault: `finished`", async () => {
    const { message, text } = await ask(replySlowly("one two three four five", 120));
    expect(message.endReason).toBe("finished");
    expect(text).toBe("one two three four five");
  });

  test("[G12] a cut at the length limit: `lengthLimit`, partial answer kept", async () => {
    const { message, text } = await ask(reply("as far as it goes", "length"));
    expect(message).toMatchObject({ status: "complete", endReason: "lengthLimit", finishReason: "length" });
    expect(text).toBe("as far as it goes");
  });

  test("[G12] the provider's content filter: `contentFilter`", async () => {
    const { message, text } = await ask(reply("It begins", "content-filter"));
    expect(message).toMatchObject({ endReason: "contentFilter", finishReason: "content-filter" });
    expect(text).toBe("It begins");
  });
});

describe("faults in mid-answer keep what was said", () => {
  test.each<[string, Behaviour]>([
    ["drops the connection", dropAfter("Half an answ")],
    ["sends malformed events", malformedAfter("Half an answ")],
    ["ends without a finish event", endWithoutFinish("Half an answ")],
  ])("[G9, G12] the provider %s: `providerError`", async (_name, behaviour) => {
    const { message, text } = await ask(behaviour);
    expect(message).toMatchObject({ status: "failed", endReason: "providerError" });
    expect(message.errorMessage).toBeTruthy();
    expect(text).toBe("Half an answ");
  });

  test("[G9, G12] the provider tells of an error: `providerError`, in its own words", async () => {
    const { message, text } = await ask(errorAfter("Half an answ", "The model is overloaded"));
    expect(message).toMatchObject({ status: "failed", endReason: "providerError" });
    expect(message.errorMessage).toContain("The model is overloaded");
    expect(text).toBe("Half an answ");
  });

  test("[G4] a run that has emitted text is never retried by itself", async () => {
    const { exchanges } = await ask(dropAfter("Half an answ"));
    expect(exchanges).toHaveLength(1);
  });
});

describe("silence ends within its limit", () => {
  test.each<[string, Behaviour, string]>([
    ["before it has taken the request", hang, ""],
    ["before the first token", fallSilentAfter(), ""],
    ["in mid-answer", fallSilentAfter("Half an answ"), "Half an answ"],
  ])("[G12] silence %s: `timedOut`, the request aborted", async (_name, behaviour, said) => {
    const { message, text, exchanges } = await askIn(impatient, behaviour);
    expect(message.endReason).toBe("timedOut");
    expect(text).toBe(said);
    expect(await exchanges[0]!.closed).toBe("client");
  });
});

describe("refusals", () => {
  test("401: `providerError` at once, with words that help, and no retry", async () => {
    const { message, exchanges } = await ask(refuse(401, "Incorrect API key provided"));
    expect(message).toMatchObject({ status: "failed", endReason: "providerError" });
    expect(message.errorMessage).toMatch(/key/i);
    expect(exchanges).toHaveLength(1);
  });

  test("429 with retry-after, then an answer: retried, one answer", async () => {
    const { message, text, exchanges } = await ask(
      reply("Here I am"),
      refuse(429, "Slow down", { "retry-after": "1" }),
    );
    expect(message.endReason).toBe("finished");
    expect(text).toBe("Here I am");
    expect(exchanges).toHaveLength(2);
  });

  test("500, then an answer: retried, one answer", async () => {
    const { message, text } = await ask(reply("Here I am"), refuse(500, "Oops"));
    expect(message.endReason).toBe("finished");
    expect(text).toBe("Here I am");
  });

  test("500 for ever: `providerError` after a few tries", async () => {
    const { message, exchanges } = await ask(refuse(500, "The server had an error"));
    expect(message).toMatchObject({ status: "failed", endReason: "providerError" });
    expect(message.errorMessage).toContain("The server had an error");
    expect(exchanges.length).toBeGreaterThan(1);
    expect(exchanges.length).toBeLessThan(10);
  });
});
