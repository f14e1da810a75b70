import type { WhenBusy } from "../composer/outbox.ts";
import { createStore } from "../lib/store.ts";

/** Drafts whose Send was pressed while their files were on their way: they are sent when those have arrived. */
export const waitingSends = createStore<ReadonlyMap<string, WhenBusy>>(new Map());

export function waitToSend(draftKey: string, whenBusy: WhenBusy) {
  waitingSends.update((waiting) => new Map(waiting).set(draftKey, whenBusy));
}

export function stopWaiting(draftKey: string) {
  if (!waitingSends.get().has(draftKey)) return;
  waitingSends.update((waiting) => new Map([...waiting].filter(([key]) => key !== draftKey)));
}
