/** The ways in which model providers answer, well and badly, for `openaiServer.ts`. */
import type { Behaviour, ProviderExchange } from "./openaiServer.ts";
import type { FinishReason } from "./sse.ts";

/** Splits text into pieces about as large as a model's tokens, whitespace kept. */
export function tokens(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

/** Says the text at once and ends regularly. */
export const reply =
  (text: string, reason: FinishReason = "stop"): Behaviour =>
  (exchange) => {
    for (const token of tokens(text)) exchange.text(token);
    exchange.finish(reason);
  };

/** Says the text token by token, `msPerToken` apart, until done or the client has left. */
export const replySlowly =
  (text: string, msPerToken: number): Behaviour =>
  async (exchange) => {
    for (const token of tokens(text)) {
      exchange.text(token);
      if ((await Promise.race([exchange.closed, wait(msPerToken)])) === "client") return;
    }
    exchange.finish();
  };

/** Takes the request and never answers, not even with a status line. */
export const hang: Behaviour = () => {};

/** Opens the stream, says `text` if any, and then nothing more. */
export const fallSilentAfter =
  (text = ""): Behaviour =>
  (exchange) => {
    exchange.begin();
    if (text) sayAll(exchange, text);
  };

/** Refuses with a status, for example 429 with `{ "retry-after": "1" }`. */
export const refuse =
  (status: number, message: string, headers: Record<string, string> = {}): Behaviour =>
  (exchange) => {
    exchange.refuse(status, message, headers);
  };

/** Breaks the connection after `text`. */
export const dropAfter =
  (text: string): Behaviour =>
  async (exchange) => {
    sayAll(exchange, text);
    // What was written is handed to the network before the connection is broken.
    await new Promise((resolve) => setImmediate(resolve));
    exchange.drop();
  };

/** Sends a line that is no JSON after `text`, and ends. */
export const malformedAfter =
  (text: string): Behaviour =>
  (exchange) => {
    sayAll(exchange, text);
    exchange.send({ type: "malformed" });
    exchange.end();
  };

/** Tells of an error inside the stream after `text`, and ends. */
export const errorAfter =
  (text: string, message: string): Behaviour =>
  (exchange) => {
    sayAll(exchange, text);
    exchange.send({ type: "error", message });
    exchange.end();
  };

/** Ends the response after `text` without saying that it is finished. */
export const endWithoutFinish =
  (text: string): Behaviour =>
  (exchange) => {
    sayAll(exchange, text);
    exchange.end();
  };

function sayAll(exchange: ProviderExchange, text: string): void {
  for (const token of tokens(text)) exchange.text(token);
}

function wait(ms: number): Promise<"waited"> {
  return new Promise((resolve) => setTimeout(() => resolve("waited"), ms));
}
