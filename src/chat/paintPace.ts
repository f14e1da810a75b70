/**
 * How often growing text is painted, from what a painting costs: that is the speed of this machine, so it is one figure
 * for the page. A painting renders, lays out and draws; on a slow machine thirty of them a second would leave no time
 * for keys and scrolling.
 */

/** ms between two paintings at least: thirty a second look steady. */
const MIN_INTERVAL_MS = 33;
/** ms between two paintings at most: fewer would look like jumps. */
const MAX_INTERVAL_MS = 150;
/** How much of the page's time painting may take. The rest belongs to whoever uses it. */
const PAINTING_SHARE = 1 / 3;
/** ms: a painting that takes more than a frame and a half leaves no frames to move smoothly in. */
const SLOW_MS = 25;
/** Weight of the newest painting: one that was interrupted says little. */
const NEWEST_WEIGHT = 0.3;

export interface PaintPace {
  /** Takes in for how many ms a painting kept the page busy. */
  readonly note: (busyMs: number) => void;
  /** ms from the beginning of one painting to that of the next. */
  readonly interval: () => number;
  /** Nothing should move in steps from frame to frame: it would not look like movement, and make all else later. */
  readonly isSlow: () => boolean;
}

export function createPaintPace(): PaintPace {
  let usualMs = 0;
  return {
    note: (busyMs) => {
      usualMs = usualMs === 0 ? busyMs : usualMs + (busyMs - usualMs) * NEWEST_WEIGHT;
    },
    interval: () => Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, usualMs / PAINTING_SHARE)),
    isSlow: () => usualMs > SLOW_MS,
  };
}

export const paintPace = createPaintPace();
