import type { Problem } from "../shared/problems";
import type { Provider } from "./settings";

/**
 * The default models that were last read from lists, so that not each answer of a chat which chooses none asks its provider for the list
 * first. In the memory of one process: where that does not last, the list is asked for again.
 */

/** How long one counts: a server may have another model loaded by then. A list that is read meanwhile, by a page or after a failure, renews it. */
const FRESH_MS = 5 * 60_000;

/** Providers that are remembered; there are 50 at most at a time. */
const MAX_KEPT = 100;

type Kept = { model: string; readAt: number };
const kept = new Map<string, Kept>();
const asked = new Map<string, Promise<Answer>>();

/** `error`: why there is none; `problem`: what that is, where it is known. */
type Answer = { defaultModel: string | null; error: string | null; problem: Problem | null };

/** Null for a provider with a person's own key, whose list is nobody else's, and whose key is kept nowhere. */
const keyOf = ({ id, kind, server, models, ownKey }: Provider): string | null =>
  ownKey === undefined ? JSON.stringify([id, kind, server, models]) : null;

/** Keeps what a list that was just read says; null, for a list that could not be read, changes nothing. */
export function keepDefault(provider: Provider, model: string | null): void {
  const key = keyOf(provider);
  if (key === null || model === null) return;
  kept.delete(key);
  kept.set(key, { model, readAt: Date.now() });
  const [oldest] = kept.keys();
  if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
}

/** The provider's default model: what is kept of it, or what `ask` says, which is called once for all who want it at the same time. */
export async function rememberedDefault(provider: Provider, ask: () => Promise<Answer>): Promise<Answer> {
  const key = keyOf(provider);
  if (key === null) return await ask();
  const known = kept.get(key);
  if (known !== undefined && Date.now() - known.readAt < FRESH_MS)
    return { defaultModel: known.model, error: null, problem: null };
  const answer = asked.get(key) ?? ask().finally(() => asked.delete(key));
  asked.set(key, answer);
  return await answer;
}
