import { makeFunctionReference } from "convex/server";
import { openClient } from "../lib/backend.ts";
import type { Implementation } from "./implementation.ts";

const send = makeFunctionReference<"mutation", { prompt: string }, string>("messages:send");
const get = makeFunctionReference<"query", { messageId: string }, { body: string }>("messages:get");
const start = makeFunctionReference<"action", { messageId: string; prompt: string }, null>("generate:start");

export const oneDocument: Implementation = {
  name: "one growing document",
  functions: "bench/peers/oneDocument",
  async ask(url) {
    const person = openClient(url);
    const prompt = "Please write.";
    const messageId = await person.mutation(send, { prompt });
    return {
      async view(webSocketConstructor, seen) {
        const tab = openClient(url, webSocketConstructor);
        tab.onUpdate(get, { messageId }, ({ body }) => seen(body.length));
        await tab.query(get, { messageId });
        return { close: () => tab.close() };
      },
      async generate() {
        await person.action(start, { messageId, prompt });
      },
      close: () => person.close(),
    };
  },
};
