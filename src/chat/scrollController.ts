import { prefersReducedMotion } from "../lib/useMediaQuery.ts";
import { createStore, type Store } from "../lib/store.ts";
import { CLOSE_PX, FOLLOWING, nextAutoscroll, showsJump, type AutoscrollEvent } from "./autoscroll.ts";
import { paintPace } from "./paintPace.ts";
import { watchGestures, type ReaderGesture } from "./readerGesture.ts";

/** ms in which a glide covers about two thirds of the distance to the end. */
const GLIDE_MS = 70;

/** What the view can be anchored to: a turn, or the placeholder of a group that is far away. */
const PLACES = "[data-turn], [data-group]";

/** What makes the text longer where it is pressed. A menu lies over the text, and what is still being written is watched at its end. */
const OPENERS =
  "details:not([open], [data-growing]) > summary, [aria-expanded=false]:not([aria-haspopup]), [data-opens]";

/** The elements of a chat on the screen, and what the view is anchored to. */
interface Attached {
  readonly view: HTMLElement;
  readonly content: HTMLElement;
  readonly gesture: ReaderGesture;
}

/**
 * Moves a chat's view: follows its end until the reader takes over (the states are in autoscroll.ts), and otherwise
 * keeps what is being read in place. No React here: useChatScroll.ts binds it. One controller a chat.
 */
export class ScrollController {
  /** Whether the button that leads back to the end is shown. */
  readonly jumpShown: Store<boolean> = createStore(false);

  private attached: Attached | null = null;
  private state = FOLLOWING;
  /** Whether the chat's end is loaded. */
  private atEnd = true;
  private firstKey: string | undefined;
  /** Where the controller last put the view, to tell its own scroll events from the reader's. */
  private ownTop = 0;
  /** px, as the anchored turn knows it. */
  private viewHeight = 0;
  private last = { top: 0, height: 0, view: 0 };
  /** px of the content when its size was last told. */
  private contentHeight = 0;
  /** What the reader is looking at, and its distance from the top of the screen in px. */
  private place: { element: Element | null; top: number } = { element: null, top: 0 };
  /** 0 while nothing glides. */
  private glideFrame = 0;
  private glideAt = 0;

  /** Takes over the view of a chat that is now on the screen, at its end. Returns a function that releases it. */
  attach(view: HTMLElement, content: HTMLElement): () => void {
    const gesture = watchGestures(view, {
      onWheelUp: () => {
        if (this.state.mode !== "following" || view.scrollTop <= 0) return;
        this.state = { mode: "held", pulled: 0 };
        this.rememberPlace();
      },
      onEnd: () => this.dispatch({ type: "gestureEnded" }),
    });
    this.attached = { view, content, gesture };
    const sizes = new ResizeObserver(() => this.resized());
    sizes.observe(view);
    sizes.observe(content);
    const onScroll = () => this.scrolled();
    view.addEventListener("scroll", onScroll, { passive: true });
    // Before whatever it opens is put up.
    const onClick = ({ target }: MouseEvent) => {
      if (target instanceof Element && target.closest(OPENERS) !== null) this.opened();
    };
    content.addEventListener("click", onClick, true);
    this.placeAtEnd();
    return () => {
      sizes.disconnect();
      gesture.stop();
      view.removeEventListener("scroll", onScroll);
      content.removeEventListener("click", onClick, true);
      cancelAnimationFrame(this.glideFrame);
      this.glideFrame = 0;
      this.attached = null;
    };
  }

  /** To be called after each render. `firstKey`: the topmost turn; `atEnd`: the chat's end is loaded. */
  rendered(firstKey: string | undefined, atEnd: boolean): void {
    this.atEnd = atEnd;
    if (this.firstKey === firstKey) return;
    this.firstKey = firstKey;
    // Earlier turns came in above.
    if (this.state.mode !== "following") this.keepPlace();
    else this.placeAtEnd();
  }

  /** Goes to the end and follows it again. */
  jumpToEnd(): void {
    this.dispatch({ type: "jumped" });
  }

  /** The same for a prompt just sent: with its turn as tall as the view, "the end" puts it at the top. */
  anchorSent(): void {
    this.fitAnchored();
    this.dispatch({ type: "sent" });
  }

  /** Brings a turn to the top of the view and stays there. Does nothing if the turn isn't on the page. */
  showTurn(turnKey: string): void {
    const view = this.attached?.view;
    const turn = view?.querySelector(`[data-turn="${CSS.escape(turnKey)}"]`);
    if (!view || !turn) return;
    this.dispatch({ type: "placed" });
    this.placeAt(view.scrollTop + turn.getBoundingClientRect().top - view.getBoundingClientRect().top);
    this.rememberPlace();
  }

  /** The key of the turn, or of the group of turns, at the top of the view; null while the view follows the end. */
  seenKey(): string | null {
    if (this.state.mode === "following") return null;
    const seen = this.place.element;
    return seen?.getAttribute("data-turn") ?? seen?.getAttribute("data-group") ?? null;
  }

  /** Puts what the reader looks at back where it was, after heights above it changed. */
  keepPlace(): void {
    const { element, top } = this.place;
    const view = this.attached?.view;
    if (view === undefined || this.state.mode === "following" || !element?.isConnected) return;
    const shift = element.getBoundingClientRect().top - top;
    // Still in place: nothing changed above it.
    if (Math.abs(shift) < CLOSE_PX) return;
    // The reader may have moved the view since, with the event still to come.
    this.placeAt(view.scrollTop + shift + (view.scrollTop - this.last.top));
    this.rememberPlace();
  }

  /** The reader opens something: what was pressed stays under the pointer. */
  private opened(): void {
    this.dispatch({ type: "opened" });
    this.rememberPlace();
  }

  private rememberPlace(): void {
    const view = this.attached?.view;
    if (view === undefined) return;
    // The turn at the top of the view. Hit testing costs the same in a chat of any length.
    const { left, top, width } = view.getBoundingClientRect();
    const seen = document.elementFromPoint(left + width / 2, top + 1)?.closest(PLACES);
    // At the very top, the note above the first turn is hit.
    const element = seen ?? view.querySelector(PLACES);
    this.place = { element, top: element?.getBoundingClientRect().top ?? 0 };
  }

  private dispatch(event: AutoscrollEvent): void {
    this.state = nextAutoscroll(this.state, event);
    this.updateJump();
    if (this.state.mode === "following") this.glide();
  }

  private updateJump(): void {
    this.jumpShown.update(
      (shown) => this.state.mode === "detached" && showsJump(shown, this.distanceToEnd()),
    );
  }

  /** px; infinite while the chat's end isn't loaded. */
  private distanceToEnd(): number {
    if (!this.atEnd) return Infinity;
    const view = this.attached?.view;
    return view === undefined ? 0 : view.scrollHeight - view.clientHeight - view.scrollTop;
  }

  private placeAt(top: number): void {
    const view = this.attached?.view;
    if (view === undefined) return;
    view.scrollTop = top;
    this.ownTop = view.scrollTop;
    this.last = { top: view.scrollTop, height: view.scrollHeight, view: view.clientHeight };
  }

  private placeAtEnd(): void {
    if (this.attached !== null && this.hasTurns()) this.placeAt(this.attached.view.scrollHeight);
  }

  /** An empty chat has no end to follow: its greeting begins at the top, however low the screen. */
  private hasTurns(): boolean {
    return this.attached !== null && this.attached.content.querySelector(PLACES) !== null;
  }

  /** Moves to the end frame by frame, or at once where motion is unwanted. Pauses while a pointer is down on the view. */
  private glide(): void {
    // If the end isn't loaded yet, the view is put there when it is.
    if (this.attached === null || this.glideFrame !== 0 || !this.atEnd || !this.hasTurns()) return;
    const { view, gesture } = this.attached;
    if (!gesture.isPressed() && (paintPace.isSlow() || prefersReducedMotion())) {
      this.placeAt(view.scrollHeight);
      return;
    }
    this.glideAt = performance.now();
    this.glideFrame = requestAnimationFrame((now) => this.glideStep(now));
  }

  private glideStep(now: number): void {
    this.glideFrame = 0;
    if (this.attached === null || this.state.mode !== "following" || !this.atEnd) return;
    const { view, gesture } = this.attached;
    const left = this.distanceToEnd();
    if (gesture.isPressed() || left <= CLOSE_PX) return;
    const share = 1 - Math.exp(-(now - this.glideAt) / GLIDE_MS);
    this.glideAt = now;
    const arrives = left * (1 - share) <= CLOSE_PX;
    this.placeAt(arrives ? view.scrollHeight : view.scrollTop + Math.max(1, left * share));
    this.glideFrame = requestAnimationFrame((next) => this.glideStep(next));
  }

  private scrolled(): void {
    if (this.attached === null) return;
    const { view, gesture } = this.attached;
    const delta = view.scrollTop - this.last.top;
    const isOurs = Math.abs(view.scrollTop - this.ownTop) <= CLOSE_PX;
    const isResized = view.scrollHeight !== this.last.height || view.clientHeight !== this.last.view;
    const isGesture = gesture.isActive();
    this.last = { top: view.scrollTop, height: view.scrollHeight, view: view.clientHeight };
    // A changed layout moves the view as well; only a movement with a cause of its own is the reader's.
    if (delta === 0 || (!isGesture && (isOurs || isResized))) {
      this.updateJump();
    } else {
      if (isGesture) gesture.extend();
      this.dispatch({ type: "readerMoved", delta, distanceToEnd: this.distanceToEnd() });
    }
    if (this.state.mode !== "following") this.rememberPlace();
  }

  /** Makes the anchored turn as tall as the view. */
  private fitAnchored(): void {
    if (this.attached === null) return;
    const { view, content } = this.attached;
    this.viewHeight = view.clientHeight;
    const turn = content.querySelector<HTMLElement>("[data-anchored=true]");
    turn?.style.setProperty("--view-height", `${this.viewHeight}px`);
  }

  private resized(): void {
    if (this.attached === null) return;
    const { scrollHeight } = this.attached.view;
    const hasShrunk = scrollHeight < this.contentHeight;
    this.contentHeight = scrollHeight;
    // A style that is set is computed anew, also if it is the same.
    if (this.attached.view.clientHeight !== this.viewHeight) this.fitAnchored();
    if (this.state.mode === "following") {
      this.glide();
      return;
    }
    this.keepPlace();
    if (hasShrunk) this.dispatch({ type: "shrunk", distanceToEnd: this.distanceToEnd() });
    else this.updateJump();
  }
}
