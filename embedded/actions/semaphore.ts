/** Bounds how many actions run at once; the others wait in turn, and not for ever. */
import { SERVER } from "../functions/client.ts";
import { realTimers } from "./realTimers.ts";

/** Who wants a place. One who is `patient` waits as long as it takes; `signal` is aborted when it is no longer wanted. */
export type Wish = { payer?: string; patience?: "limited" | "patient"; signal?: AbortSignal | undefined };

export interface Semaphore {
  /**
   * Resolves to how to give the place back when it is the caller's turn, or to `null` when it has waited too long, is no longer wanted, or
   * all is over.
   * Payers who wait take turns, and the wishes of each are served in order.
   */
  acquire(wish?: Wish): Promise<(() => void) | null>;
  /** Turns away everybody who waits. */
  close(): void;
}

/** Calls `ring` in `ms` milliseconds. Returns how to call it off. */
export type StartTimer = (ring: () => void, ms: number) => () => void;

export type SemaphoreOptions = {
  startTimer?: StartTimer;
  /**
   * May one payer hold no more places than are free? One alone then gets half of them, n get an (n+1)th each, and there is always
   * one left for who comes next (the dynamic thresholds of Choudhury and Hahne, 1998).
   */
  leavesRoom?: boolean;
  /** How many places a payer may hold at most, where room is left for others. */
  maxOfOne?: (payer: string) => number;
};

const startRealTimer: StartTimer = (ring, ms) => {
  const timer = realTimers.setTimeout(ring, ms);
  return () => {
    realTimers.clearTimeout(timer);
  };
};

/** `limit` places; `maxWaitMs`: milliseconds that one without patience waits. */
export function createSemaphore(
  limit: number,
  maxWaitMs: number,
  { startTimer = startRealTimer, leavesRoom = false, maxOfOne = () => Infinity }: SemaphoreOptions = {},
): Semaphore {
  /** For each payer who waits; whoever's turn is next comes first. */
  const waiting = new Map<string, Set<(place: (() => void) | null) => void>>();
  const heldBy = new Map<string, number>();
  let held = 0;

  const mayTake = (payer: string): boolean => {
    const free = limit - held;
    if (free <= 0) return false;
    return !leavesRoom || payer === SERVER || (heldBy.get(payer) ?? 0) < Math.min(free, maxOfOne(payer));
  };
  const take = (payer: string): (() => void) => {
    held += 1;
    heldBy.set(payer, (heldBy.get(payer) ?? 0) + 1);
    let isGivenBack = false;
    return () => {
      if (isGivenBack) return;
      isGivenBack = true;
      held -= 1;
      const left = (heldBy.get(payer) ?? 0) - 1;
      if (left > 0) heldBy.set(payer, left);
      else heldBy.delete(payer);
      serve();
    };
  };
  /** Gives free places to those who wait. */
  const serve = (): void => {
    for (const [payer, wishes] of [...waiting]) {
      if (held >= limit) return;
      const [next] = wishes;
      if (next === undefined || !mayTake(payer)) continue;
      // Others have their turn before this payer's next one.
      waiting.delete(payer);
      waiting.set(payer, wishes);
      next(take(payer));
    }
  };

  return {
    acquire({ payer = SERVER, patience = "limited", signal } = {}) {
      if (signal?.aborted === true) return Promise.resolve(null);
      if (!waiting.has(payer) && mayTake(payer)) return Promise.resolve(take(payer));
      return new Promise((resolve) => {
        const wishes = waiting.get(payer) ?? new Set();
        waiting.set(payer, wishes);
        const settle = (place: (() => void) | null): void => {
          wishes.delete(settle);
          if (wishes.size === 0) waiting.delete(payer);
          stopTimer?.();
          signal?.removeEventListener("abort", giveUp);
          resolve(place);
        };
        const giveUp = (): void => settle(null);
        signal?.addEventListener("abort", giveUp, { once: true });
        const stopTimer = patience === "limited" ? startTimer(() => settle(null), maxWaitMs) : null;
        wishes.add(settle);
      });
    },
    close() {
      for (const wishes of [...waiting.values()]) for (const settle of [...wishes]) settle(null);
    },
  };
}
