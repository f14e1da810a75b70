/**
 * Whether the view follows the end of the chat, as a state machine over what the reader does. Growing text is not an event
 * here: it can never attach or detach the view.
 *
 *   following ── reader pulls up ──► held ── 24 px in all ──► detached
 *       ▲  ▲── gesture ends before ──┘                           │
 *       └── reader comes down to within 150 px, jumps, or sends ─┘
 *
 * Opening something, such as the model's reasoning, detaches as well: its beginning is what the reader wants to see. If it is closed
 * again and the view is at the end thereby, the view follows again.
 */
export type Autoscroll =
  | { readonly mode: "following" }
  /** The reader has begun to pull away: nothing moves by itself, but nothing is decided yet. */
  | { readonly mode: "held"; readonly pulled: number }
  | { readonly mode: "detached" };

export type AutoscrollEvent =
  /** `delta` in px, negative is up; `distanceToEnd` after the movement. */
  | { readonly type: "readerMoved"; readonly delta: number; readonly distanceToEnd: number }
  | { readonly type: "gestureEnded" }
  | { readonly type: "jumped" }
  /** The chat is opened at one of its messages. */
  | { readonly type: "placed" }
  /** The reader opens something, which makes the text longer where it was pressed. */
  | { readonly type: "opened" }
  /** The text became shorter; `distanceToEnd` afterwards. */
  | { readonly type: "shrunk"; readonly distanceToEnd: number }
  | { readonly type: "sent" };

/** px: less is a tremor, not the wish to read elsewhere. */
export const DETACH_AFTER_PX = 24;
/** px from the end within which scrolling down means “follow again”. */
export const REATTACH_WITHIN_PX = 150;
/** px from the end at which the jump button appears and disappears: two values, so that it does not flicker. */
export const JUMP_SHOWN_BEYOND_PX = 240;
export const JUMP_HIDDEN_WITHIN_PX = 120;

/** px: closer than this counts as the end, since browsers round positions. */
export const CLOSE_PX = 1;

export const FOLLOWING: Autoscroll = { mode: "following" };
const DETACHED: Autoscroll = { mode: "detached" };

export function nextAutoscroll(state: Autoscroll, event: AutoscrollEvent): Autoscroll {
  switch (event.type) {
    case "jumped":
    case "sent":
      return FOLLOWING;
    case "placed":
    case "opened":
      return DETACHED;
    case "shrunk":
      return state.mode === "detached" && event.distanceToEnd <= CLOSE_PX ? FOLLOWING : state;
    case "gestureEnded":
      return state.mode === "held" ? FOLLOWING : state;
    case "readerMoved":
      return afterMovement(state, event.delta, event.distanceToEnd);
    default:
      return event satisfies never;
  }
}

function afterMovement(state: Autoscroll, delta: number, distanceToEnd: number): Autoscroll {
  switch (state.mode) {
    case "following":
    case "held": {
      // It moved and is still at the very end: the content has shrunk, the reader did nothing. What a wheel that was turned up does is still to come.
      if (distanceToEnd <= CLOSE_PX) return delta < 0 ? state : FOLLOWING;
      const pulled = Math.max(0, (state.mode === "held" ? state.pulled : 0) - delta);
      if (pulled >= DETACH_AFTER_PX) return DETACHED;
      return pulled === 0 ? FOLLOWING : { mode: "held", pulled };
    }
    case "detached":
      return delta > 0 && distanceToEnd <= REATTACH_WITHIN_PX ? FOLLOWING : state;
    default:
      return state satisfies never;
  }
}

/** Whether the jump button is shown, given whether it was. */
export function showsJump(shown: boolean, distanceToEnd: number): boolean {
  return shown ? distanceToEnd > JUMP_HIDDEN_WITHIN_PX : distanceToEnd > JUMP_SHOWN_BEYOND_PX;
}
