/** A provider that says a text at an even pace and remembers when it said what. */
import { startOpenaiServer } from "../../tests/helpers/openaiServer.ts";
import type { OpenaiServer } from "../../tests/helpers/openaiServer.ts";
import { tokens } from "../../tests/helpers/providerBehaviours.ts";

const WORDS = "the quick brown fox jumps over a lazy dog and writes down what it saw, word by word.".split(
  " ",
);

/** English-like text of exactly `bytes` characters, about five to a token. */
export function answerText(bytes: number): string {
  let text = "";
  for (let i = 0; text.length < bytes; i++) text += (i === 0 ? "" : " ") + WORDS[i % WORDS.length]!;
  return `${text.slice(0, bytes - 1)}.`;
}

/** For each token: how long the text is with it, and when it was sent (`performance.now()`). */
export type TokenTimes = { end: number; sentAt: number }[];

export interface PacedProvider {
  readonly server: OpenaiServer;
  /** Of the newest answer. */
  readonly sent: TokenTimes;
}

/** Every request is answered with `text` at `tokensPerSecond`. */
export async function startPacedProvider(text: string, tokensPerSecond: number): Promise<PacedProvider> {
  const server = await startOpenaiServer();
  const provider = { server, sent: [] as TokenTimes };
  const all = tokens(text);
  server.behave(async (exchange) => {
    const sent: TokenTimes = [];
    provider.sent = sent;
    exchange.begin();
    const begun = performance.now();
    let end = 0;
    for (const [index, token] of all.entries()) {
      // Against the start, not the token before: delays must not add up.
      const due = begun + (index * 1000) / tokensPerSecond;
      await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
      if (!exchange.isOpen) return;
      exchange.text(token);
      end += token.length;
      sent.push({ end, sentAt: performance.now() });
    }
    exchange.finish();
  });
  return provider;
}

/** Turns the lengths of text that a viewer has seen into the delay of each token. */
export class DelayMeter {
  readonly delays: number[] = [];
  private next = 0;

  constructor(private readonly sent: () => TokenTimes) {}

  /** The viewer now sees `length` characters. */
  seen(length: number): void {
    const now = performance.now();
    const sent = this.sent();
    for (;;) {
      const token = sent[this.next];
      if (!token || token.end > length) return;
      this.delays.push(now - token.sentAt);
      this.next += 1;
    }
  }
}
