/** A model that is asked for something beside an answer, such as a title: what it replies, and how that fails. */
import type { ProviderRequest } from "./fakeProvider.ts";

/** The whole reply, and its end. */
export function reply(request: ProviderRequest, text: string): void {
  request.say({ type: "text", text }, { type: "finish", reason: "stop" });
  request.close();
}

/** How a request may fail, whatever it asks for. `begun`: what had been said of the reply whose stream just ends. */
export const failedRequests = (begun: string): Record<string, (request: ProviderRequest) => void> => ({
  "the server refuses": (request) => request.refuse(500, { error: { message: "out of order" } }),
  "the server has too many requests": (request) => request.refuse(429, { error: { message: "slow down" } }),
  "the connection breaks": (request) => request.drop(),
  "the stream just ends": (request) => {
    request.text(begun);
    request.close();
  },
  "the reply reached its limit": (request) => {
    request.say({ type: "text", text: "Let me think" }, { type: "finish", reason: "length" });
    request.close();
  },
  "the reply is an essay": (request) => reply(request, "x".repeat(20_000)),
});
