import { makeFunctionReference } from "convex/server";
import { openClient } from "../lib/backend.ts";
import type { Implementation } from "./implementation.ts";

const send = makeFunctionReference<"mutation", Record<string, never>, string>("chat:send");
const getBody = makeFunctionReference<"query", { streamId: string }, { text: string }>("chat:getBody");

/**
 * The tab that asked reads the HTTP stream; viewers are the other tabs, which the component serves by its query. It
 * writes at the end of sentences only, so their delay is that of a sentence.
 */
export const persistentTextStreaming: Implementation = {
  name: "persistent-text-streaming",
  functions: "bench/peers/persistentTextStreaming",
  async ask(url) {
    const person = openClient(url);
    const streamId = await person.mutation(send, {});
    return {
      async view(webSocketConstructor, seen) {
        const tab = openClient(url, webSocketConstructor);
        tab.onUpdate(getBody, { streamId }, ({ text }) => seen(text.length));
        await tab.query(getBody, { streamId });
        return { close: () => tab.close() };
      },
      async generate() {
        const response = await fetch(`${url}/chat-stream`, {
          method: "POST",
          body: JSON.stringify({ streamId, prompt: "Please write." }),
        });
        if (!response.ok) throw new Error(`/chat-stream answered ${response.status}`);
        await response.text();
      },
      close: () => person.close(),
    };
  },
};
