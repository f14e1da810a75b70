import type { OutboxEntry } from "../composer/outbox.ts";
import type { Message } from "./types.ts";

/** A prompt and its answer. */
export interface Turn {
  /** The same from Send to the finished answer, so that nothing is unmounted in between. */
  readonly key: string;
  readonly prompt: Message | null;
  readonly answer: Message | null;
  /** The prompt while it is on its way. */
  readonly entry: OutboxEntry | null;
}

/**
 * Turns in order of reading. `newestFirst` is what the server's pages hold. Entries that wait in the server's queue,
 * or whose prompt is already among the messages, are not shown a second time. With `moreBefore` a leading answer
 * whose prompt is on the next page waits for it.
 */
export function toTurns(
  newestFirst: readonly Message[],
  outbox: readonly OutboxEntry[],
  moreBefore: boolean,
): Turn[] {
  const turns: Turn[] = [];
  for (let index = newestFirst.length - 1; index >= 0; index--) {
    const message = newestFirst[index];
    if (message === undefined) continue;
    if (message.role === "USER") {
      turns.push({ key: message.clientMessageId ?? message._id, prompt: message, answer: null, entry: null });
      continue;
    }
    const last = turns.at(-1);
    if (last !== undefined && last.answer === null && last.prompt?._id === message.promptMessageId) {
      turns[turns.length - 1] = { ...last, answer: message };
    } else if (!(turns.length === 0 && moreBefore)) {
      turns.push({ key: message._id, prompt: null, answer: message, entry: null });
    }
  }
  const shown = new Set(newestFirst.map((message) => message.clientMessageId));
  for (const entry of outbox) {
    const queued = entry.state.kind === "accepted" && entry.state.receipt.status === "queued";
    if (queued || shown.has(entry.clientMessageId)) continue;
    turns.push({ key: entry.clientMessageId, prompt: null, answer: null, entry });
  }
  return turns;
}

/** Where in the chat a turn begins; null for one that is still on its way. */
export const sequenceOf = ({ prompt, answer }: Turn): number | null =>
  prompt?.sequence ?? answer?.sequence ?? null;

/** Entries that the server's data now contains: they can leave the outbox. */
export function arrived(
  newestFirst: readonly Message[],
  outbox: readonly OutboxEntry[],
  queuedIds: ReadonlySet<string>,
): string[] {
  const shown = new Set(newestFirst.map((message) => message.clientMessageId));
  return outbox
    .filter((entry) => entry.state.kind === "accepted")
    .filter((entry) => shown.has(entry.clientMessageId) || queuedIds.has(entry.clientMessageId))
    .map((entry) => entry.clientMessageId);
}
