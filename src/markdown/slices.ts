/**
 * Rendering in slices: what a task would render beyond its share waits, readable as plain text, and is rendered in later frames,
 * nearest to the reader first. So no text, however long, holds up the page.
 */

/** Cost (see weight.ts) that is rendered at once, where it appears. */
const AT_ONCE_COST = 8_000;
/** ms after which as much may be rendered at once again. */
const REFILL_MS = 250;
/** ms that one frame renders what waits. */
const FRAME_MS = 40;
/** Heights of the window: what is farther away than this is rendered only while there is little of it. */
const NEAR_VIEWS = 3;
/** How much of what is far is rendered: enough for the answers that people get, not for what only wants to be heavy. */
const MAX_FAR_COST = 400_000;
/** ms without a frame after which a hidden page goes on without one. */
const HIDDEN_MS = 200;

interface Waiting {
  readonly element: Element;
  readonly cost: number;
  readonly render: () => void;
}

export interface Slices {
  /** Whether something of this cost may be rendered now. */
  readonly take: (cost: number) => boolean;
  /** Calls `render`, which renders at once, when there is time for the element. Returns what takes the wish back. */
  readonly wait: (element: Element, cost: number, render: () => void) => () => void;
}

/** `nextFrame` calls back before the next paint; `now` is in ms. */
export function createSlices(
  nextFrame: (callback: () => void) => void = onNextFrame,
  now: () => number = () => performance.now(),
): Slices {
  const waiting = new Set<Waiting>();
  let taken = 0;
  let farCost = 0;
  let refilledAt = -Infinity;
  let isScheduled = false;

  const schedule = () => {
    if (isScheduled || waiting.size === 0) return;
    isScheduled = true;
    nextFrame(renderSlice);
  };
  const renderSlice = () => {
    const begun = now();
    isScheduled = false;
    for (const { entry, distance } of nearestFirst([...waiting])) {
      if (distance > NEAR_VIEWS * window.innerHeight) {
        // Until the reader moves, see below.
        if (farCost + entry.cost > MAX_FAR_COST) return;
        farCost += entry.cost;
      }
      // Taken down meanwhile.
      if (!waiting.delete(entry)) continue;
      entry.render();
      if (now() - begun > FRAME_MS) break;
    }
    schedule();
  };
  // Scroll events don't bubble, but are captured.
  document.addEventListener("scroll", schedule, { capture: true, passive: true });
  return {
    take(cost) {
      if (now() - refilledAt > REFILL_MS) {
        taken = 0;
        refilledAt = now();
      }
      if (taken > 0 && taken + cost > AT_ONCE_COST) return false;
      taken += cost;
      return true;
    },
    wait(element, cost, render) {
      const entry = { element, cost, render };
      waiting.add(entry);
      schedule();
      return () => waiting.delete(entry);
    },
  };
}

/** By their distance from the middle of the window. */
function nearestFirst(entries: readonly Waiting[]): { entry: Waiting; distance: number }[] {
  const middle = window.innerHeight / 2;
  return entries
    .map((entry) => {
      const { top, bottom } = entry.element.getBoundingClientRect();
      return { entry, distance: Math.max(0, top - middle, middle - bottom) };
    })
    .sort((a, b) => a.distance - b.distance);
}

function onNextFrame(callback: () => void): void {
  let frame = 0;
  const timer = setTimeout(() => {
    cancelAnimationFrame(frame);
    callback();
  }, HIDDEN_MS);
  frame = requestAnimationFrame(() => {
    clearTimeout(timer);
    callback();
  });
}

export const slices = createSlices();
