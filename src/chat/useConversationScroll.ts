import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";
import { prefersReducedMotion } from "../lib/useMediaQuery.ts";
import { paintPace } from "./paintPace.ts";
import { CLOSE_PX, FOLLOWING, nextAutoscroll, showsJump, type AutoscrollEvent } from "./autoscroll.ts";

/** ms after the last sign of a hand on the page at which its gesture is over. */
const GESTURE_MS = 180;
/** ms in which about two thirds of the way to the end is gone. */
const GLIDE_MS = 70;

/** What the view can be held at: a turn, or the empty space of a group that is far away. */
const PLACES = "[data-turn], [data-group]";

const SCROLL_KEYS = new Set(["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", " "]);

export interface ConversationScroll {
  scroller: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  jumpShown: boolean;
  /** Goes to the end and follows it again. */
  jumpToEnd: () => void;
  /** The same for a prompt just sent: with its turn as tall as the view, "the end" puts it at the top. */
  anchorSent: () => void;
  /** Puts what the reader looks at back where it was, after heights above it changed. */
  keepPlace: () => void;
  /** Brings a turn to the top of the view and stays there. */
  showTurn: (turnKey: string) => void;
  /** The key of the turn, or of the group of turns, at the top of the view; null while the view follows the end. */
  seenKey: () => string | null;
}

/**
 * Moves the conversation: follows its end until the reader takes over (see autoscroll.ts), keeps the place when
 * earlier pages arrive. `firstKey` is the topmost turn; `atEnd`: the end of what is loaded is the conversation's.
 * Another conversation is another component.
 */
export function useConversationScroll(firstKey: string | undefined, atEnd: boolean): ConversationScroll {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [jumpShown, setJumpShown] = useState(false);
  const moving = useRef({
    state: FOLLOWING,
    atEnd,
    /** Where this hook last put the view, to tell its own scroll events from the reader's. */
    ownTop: 0,
    lastTop: 0,
    lastHeight: 0,
    lastView: 0,
    gestureUntil: 0,
    pointerDown: false,
    glideFrame: 0,
    glideAt: 0,
    gestureTimer: 0,
  });

  useLayoutEffect(() => {
    moving.current.atEnd = atEnd;
  }, [atEnd]);

  const distanceToEnd = useCallback(() => {
    const view = scroller.current;
    if (!moving.current.atEnd) return Infinity;
    return view === null ? 0 : view.scrollHeight - view.clientHeight - view.scrollTop;
  }, []);

  const placeAt = useCallback((top: number) => {
    const view = scroller.current;
    if (view === null) return;
    view.scrollTop = top;
    moving.current.ownTop = view.scrollTop;
    moving.current.lastTop = view.scrollTop;
    moving.current.lastHeight = view.scrollHeight;
    moving.current.lastView = view.clientHeight;
  }, []);

  /**
   * One step towards the end, and the next until it is reached; at once where nothing moves smoothly. Lets go while a
   * hand is on the page.
   */
  const glide = useCallback(() => {
    const self = moving.current;
    // The end is on its way: when it is there, the view is put to it.
    if (self.glideFrame !== 0 || !self.atEnd) return;
    const view = scroller.current;
    if (view !== null && !self.pointerDown && (paintPace.isSlow() || prefersReducedMotion())) {
      placeAt(view.scrollHeight);
      return;
    }
    self.glideAt = performance.now();
    const step = (now: number) => {
      self.glideFrame = 0;
      const view = scroller.current;
      if (view === null || self.state.mode !== "following" || self.pointerDown || !self.atEnd) return;
      const left = distanceToEnd();
      if (left <= CLOSE_PX) return;
      const share = 1 - Math.exp(-(now - self.glideAt) / GLIDE_MS);
      self.glideAt = now;
      placeAt(
        left * (1 - share) <= CLOSE_PX ? view.scrollHeight : view.scrollTop + Math.max(1, left * share),
      );
      self.glideFrame = requestAnimationFrame(step);
    };
    self.glideFrame = requestAnimationFrame(step);
  }, [distanceToEnd, placeAt]);

  const dispatch = useCallback(
    (event: AutoscrollEvent) => {
      moving.current.state = nextAutoscroll(moving.current.state, event);
      setJumpShown((shown) => moving.current.state.mode === "detached" && showsJump(shown, distanceToEnd()));
      if (moving.current.state.mode === "following") glide();
    },
    [distanceToEnd, glide],
  );

  // A conversation opens at its end, without a journey.
  useLayoutEffect(() => placeAt(scroller.current?.scrollHeight ?? 0), [placeAt]);

  // Earlier turns came in above: what the reader looks at stays where it is.
  const before = useRef<{ key: string | undefined; element: Element | null; top: number }>({
    key: undefined,
    element: null,
    top: 0,
  });
  const rememberPlace = useCallback(() => {
    const view = scroller.current;
    if (view === null) return;
    // The turn at the top of the view. Asking the page for it costs the same in a conversation of any length.
    const { left, top, width } = view.getBoundingClientRect();
    const seen = document.elementFromPoint(left + width / 2, top + 1)?.closest(PLACES);
    // At the very top it is the note above the first turn that is seen.
    const element = seen ?? view.querySelector(PLACES);
    before.current.element = element;
    before.current.top = element?.getBoundingClientRect().top ?? 0;
  }, []);
  const keepPlace = useCallback(() => {
    const { element, top } = before.current;
    const view = scroller.current;
    if (view === null || moving.current.state.mode === "following" || !element?.isConnected) return;
    const shift = element.getBoundingClientRect().top - top;
    // In its place: nothing changed above it, or the browser has moved the view along by itself.
    if (Math.abs(shift) < CLOSE_PX) return;
    // The reader may have moved the view since, of which the event is still to come.
    placeAt(view.scrollTop + shift + (view.scrollTop - moving.current.lastTop));
    rememberPlace();
  }, [placeAt, rememberPlace]);
  useLayoutEffect(() => {
    const view = scroller.current;
    if (view === null) return;
    if (before.current.key !== firstKey) {
      if (moving.current.state.mode === "following") placeAt(view.scrollHeight);
      else keepPlace();
    }
    before.current.key = firstKey;
  }, [firstKey, keepPlace, placeAt]);

  useEffect(() => {
    const view = scroller.current;
    const inner = content.current;
    if (view === null || inner === null) return;
    const self = moving.current;

    const onScroll = () => {
      const delta = view.scrollTop - self.lastTop;
      const ours = Math.abs(view.scrollTop - self.ownTop) <= CLOSE_PX;
      const resized = view.scrollHeight !== self.lastHeight || view.clientHeight !== self.lastView;
      const gesturing = performance.now() < self.gestureUntil || self.pointerDown;
      self.lastTop = view.scrollTop;
      self.lastHeight = view.scrollHeight;
      self.lastView = view.clientHeight;
      // A layout that changed moves the view as well; only a movement with a cause of its own is the reader's.
      if (delta === 0 || (!gesturing && (ours || resized))) {
        setJumpShown((shown) => self.state.mode === "detached" && showsJump(shown, distanceToEnd()));
      } else {
        if (gesturing) extendGesture();
        dispatch({ type: "readerMoved", delta, distanceToEnd: distanceToEnd() });
      }
      if (self.state.mode !== "following") rememberPlace();
    };

    const extendGesture = () => {
      self.gestureUntil = performance.now() + GESTURE_MS;
      clearTimeout(self.gestureTimer);
      self.gestureTimer = window.setTimeout(() => {
        if (!self.pointerDown) dispatch({ type: "gestureEnded" });
      }, GESTURE_MS);
    };
    const onWheel = (event: WheelEvent) => {
      extendGesture();
      // Before the scroll event comes, the next frame would already pull back.
      if (event.deltaY < 0 && self.state.mode === "following" && view.scrollTop > 0) {
        self.state = { mode: "held", pulled: 0 };
      }
    };
    const onKey = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.closest("textarea, input") !== null;
      if (SCROLL_KEYS.has(event.key) && !typing) extendGesture();
    };
    const onPointerDown = () => {
      self.pointerDown = true;
    };
    const onPointerUp = () => {
      if (!self.pointerDown) return;
      self.pointerDown = false;
      extendGesture();
    };

    const sizes = new ResizeObserver(() => {
      inner.style.setProperty("--view-height", `${view.clientHeight}px`);
      if (self.state.mode === "following") {
        glide();
        return;
      }
      // A browser without scroll anchoring of its own would let what is read be pushed away.
      keepPlace();
      setJumpShown((shown) => showsJump(shown, distanceToEnd()));
    });
    sizes.observe(view);
    sizes.observe(inner);
    view.addEventListener("scroll", onScroll, { passive: true });
    view.addEventListener("wheel", onWheel, { passive: true });
    view.addEventListener("touchmove", extendGesture, { passive: true });
    window.addEventListener("keydown", onKey);
    view.addEventListener("pointerdown", onPointerDown);
    window.addEventListener("pointerup", onPointerUp);
    window.addEventListener("pointercancel", onPointerUp);
    return () => {
      sizes.disconnect();
      cancelAnimationFrame(self.glideFrame);
      self.glideFrame = 0;
      clearTimeout(self.gestureTimer);
      view.removeEventListener("scroll", onScroll);
      view.removeEventListener("wheel", onWheel);
      view.removeEventListener("touchmove", extendGesture);
      window.removeEventListener("keydown", onKey);
      view.removeEventListener("pointerdown", onPointerDown);
      window.removeEventListener("pointerup", onPointerUp);
      window.removeEventListener("pointercancel", onPointerUp);
    };
  }, [dispatch, distanceToEnd, glide, keepPlace, rememberPlace]);

  return {
    scroller,
    content,
    jumpShown,
    keepPlace,
    showTurn: useCallback(
      (turnKey: string) => {
        const view = scroller.current;
        const turn = view?.querySelector(`[data-turn="${CSS.escape(turnKey)}"]`);
        if (!view || !turn) return;
        dispatch({ type: "placed" });
        placeAt(view.scrollTop + turn.getBoundingClientRect().top - view.getBoundingClientRect().top);
        rememberPlace();
      },
      [dispatch, placeAt, rememberPlace],
    ),
    seenKey: useCallback(() => {
      if (moving.current.state.mode === "following") return null;
      const seen = before.current.element;
      return seen?.getAttribute("data-turn") ?? seen?.getAttribute("data-group") ?? null;
    }, []),
    jumpToEnd: useCallback(() => dispatch({ type: "jumped" }), [dispatch]),
    anchorSent: useCallback(() => dispatch({ type: "sent" }), [dispatch]),
  };
}
