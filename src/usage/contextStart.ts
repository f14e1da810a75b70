import type { Message } from "../chat/types.ts";

type SummaryOf = NonNullable<Message["summary"]>;

/** Where what the model was sent begins: the sequence of its first message, and what it was told of those before. */
type ContextStart = { readonly from: number; readonly summary: SummaryOf | null };

/** For the newest answer of which that is known. */
export function contextStartOf(newestFirst: readonly Message[]): ContextStart | null {
  const answer = newestFirst.find(({ contextFrom }) => contextFrom !== undefined);
  if (answer?.contextFrom === undefined) return null;
  return { from: answer.contextFrom, summary: answer.summary ?? null };
}
