import { createStore } from "../lib/store.ts";
import { untilLoaded } from "../lib/untilLoaded.ts";
import type { TurnGroupView } from "./TurnGroupView.tsx";

type Shown = typeof TurnGroupView;

/** What shows turns; null until it has been loaded. An empty chat does without it, so the page is there sooner. */
export const turnsPart = createStore<Shown | null>(null);

/** Loads it beside the first paint, and again until it is there: no chat can be read without it. */
export async function loadTurns(): Promise<void> {
  turnsPart.set(await untilLoaded(async () => (await import("./TurnGroupView.tsx")).TurnGroupView));
}
