/** `POST /chat-stream` on the real server over real connections, beside a person who watches the same chat. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { api } from "../../convex/_generated/api.js";
import { textOf } from "../../convex/shared/parts.ts";
import type { Id } from "../../convex/_generated/dataModel.js";
import { AnswerWatcher } from "../helpers/answerWatcher.ts";
import type { ChatClient } from "../helpers/chatClient.ts";
import type { ProviderExchange } from "../helpers/openaiServer.ts";
import { Chat } from "./harness.ts";

let chat: Chat;
beforeAll(async () => {
  // Its requests would be taken for second generations.
  chat = await Chat.start({ VERBATIM_TITLES: "off" });
});
afterEach(() => chat.closeClients());
afterAll(() => chat.close());

/** A connection of a script, whose text is read as it comes. */
class Script {
  text = "";
  readonly closed: Promise<"ended" | "brokenOff">;
  private waiting: (() => void)[] = [];

  private constructor(private readonly response: IncomingMessage) {
    response.setEncoding("utf8");
    response.on("data", (text: string) => {
      this.text += text;
      for (const look of this.waiting.splice(0)) look();
    });
    this.closed = new Promise((resolve) => {
      response.once("end", () => resolve("ended"));
      response.once("error", () => resolve("brokenOff"));
    });
  }

  static async ask(token: string | null, body: Record<string, unknown>): Promise<Script> {
    const request = httpRequest(new URL("/chat-stream", chat.server.url), {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token !== null && { authorization: `Bearer ${token}` }),
      },
    });
    request.end(JSON.stringify({ clientMessageId: randomUUID(), content: "Hello?", ...body }));
    const [response] = (await once(request, "response")) as [IncomingMessage];
    return new Script(response);
  }

  get status(): number {
    return this.response.statusCode ?? 0;
  }

  header(name: string): string {
    return String(this.response.headers[name]);
  }

  async until(text: string): Promise<void> {
    while (this.text !== text) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  async json(): Promise<{ code?: string }> {
    await this.closed;
    return JSON.parse(this.text) as { code?: string };
  }

  disconnect(): void {
    this.response.destroy();
  }
}

/** A provider that says only what the test says, and its requests in the order in which they come. */
function stepByStep(): () => Promise<ProviderExchange> {
  const arrived: ProviderExchange[] = [];
  const waiting: ((exchange: ProviderExchange) => void)[] = [];
  chat.provider.behave((exchange) => {
    const next = waiting.shift();
    if (next) next(exchange);
    else arrived.push(exchange);
  });
  return () => {
    const exchange = arrived.shift();
    return exchange ? Promise.resolve(exchange) : new Promise((resolve) => waiting.push(resolve));
  };
}

/** A chat of this person in which an answer has begun, asked for by a script. */
async function asked(person: ChatClient, body: Record<string, unknown> = {}) {
  const nextExchange = stepByStep();
  const before = chat.provider.exchanges.length;
  const asking = Script.ask(person.token, body);
  const exchange = await nextExchange();
  exchange.text("One");
  const script = await asking;
  await script.until("One");
  const taskId = script.header("verbatim-task") as Id<"tasks">;
  const messageId = script.header("verbatim-message") as Id<"chatMessages">;
  const generations = () => chat.provider.exchanges.length - before;
  const ended = () => person.untilMessage(taskId, messageId, ({ endReason }) => endReason !== null);
  return { script, exchange, taskId, messageId, generations, ended };
}

test("[G1, G9] text as it comes, live for who watches; asked for again: the same answer, so far and then its rest", async () => {
  const person = await chat.open();
  const clientMessageId = randomUUID();
  const { script, exchange, taskId, messageId, generations, ended } = await asked(person, {
    clientMessageId,
  });
  expect([script.status, script.header("content-type")]).toEqual([200, "text/plain; charset=utf-8"]);
  const watcher = new AnswerWatcher(person, taskId, messageId);
  const again = await Script.ask(person.token, { clientMessageId });
  await again.until("One");
  exchange.text(", two");
  await Promise.all([script.until("One, two"), again.until("One, two")]);
  expect(exchange.isOpen).toBe(true);
  exchange.finish();
  expect(await Promise.all([script.closed, again.closed])).toEqual(["ended", "ended"]);
  await watcher.untilEnded();
  expect(watcher.text).toBe("One, two");
  expect(textOf((await ended()).parts)).toBe("One, two");
  const late = await Script.ask(person.token, { clientMessageId });
  await late.closed;
  expect([late.text, late.header("verbatim-end-reason")]).toEqual(["One, two", "finished"]);
  expect(generations()).toBe(1);
});

test("[G7] Stop in mid-stream, from the page: the script has what was said, the provider's connection is closed", async () => {
  const person = await chat.open();
  const { script, exchange, taskId, ended } = await asked(person);
  await person.stop(taskId);
  expect(await script.closed).toBe("ended");
  expect(script.text).toBe("One");
  expect(await exchange.closed).toBe("client");
  expect(await ended()).toMatchObject({ status: "complete", endReason: "stopped" });
});

test("a script that disconnects stops no run", async () => {
  const person = await chat.open();
  const { script, exchange, taskId, messageId, generations, ended } = await asked(person);
  script.disconnect();
  const watcher = new AnswerWatcher(person, taskId, messageId);
  exchange.text(", two");
  await watcher.untilText((text) => text === "One, two");
  exchange.text(", three");
  exchange.finish();
  const message = await ended();
  expect([message.endReason, textOf(message.parts)]).toEqual(["finished", "One, two, three"]);
  expect(generations()).toBe(1);
});

test("[G12] a provider that breaks off in mid-answer: so does the body", async () => {
  const person = await chat.open();
  const { script, exchange, ended } = await asked(person);
  exchange.drop();
  expect(await script.closed).toBe("brokenOff");
  expect((await ended()).endReason).toBe("providerError");
});

test("[G3, G11] refused: nobody, a token that is none, somebody else's chat, a chat that is busy", async () => {
  const [person, stranger] = await Promise.all([chat.open(), chat.open()]);
  const { exchange, taskId, script, generations } = await asked(person);
  const refusal = async (token: string | null) => {
    const answer = await Script.ask(token, { taskId });
    return [answer.status, (await answer.json()).code];
  };
  expect(await refusal(null)).toEqual([401, "UNAUTHENTICATED"]);
  expect(await refusal("no.token.atAll")).toEqual([401, "UNAUTHENTICATED"]);
  expect(await refusal(stranger.token)).toEqual([404, "NOT_FOUND"]);
  expect(await refusal(person.token)).toEqual([409, "GENERATION_IN_PROGRESS"]);
  exchange.finish();
  await script.closed;
  expect(generations()).toBe(1);
  expect(await person.convex.query(api.generation.isLocked, { taskId })).toBe(false);
});
