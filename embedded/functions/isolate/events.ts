/**
 * `Event`, `EventTarget`, `AbortController` and `AbortSignal`: those that Convex's runtime has, as it has them
 * (`02_event.ts` and `03_abort_signal.ts` in its `npm-packages/udf-runtime/src`). There is no tree of targets, so
 * nothing bubbles.
 */

type Listener = ((event: Event) => void) | { handleEvent?: (event: Event) => void };
type ListenerOptions = { capture: boolean; once: boolean; passive: boolean; signal?: AbortSignal };
type Registered = ListenerOptions & { callback: Listener };
type EventInit = { bubbles?: boolean; cancelable?: boolean; composed?: boolean };

const NONE = 0;
const AT_TARGET = 2;

/** What a dispatch changes of an event. */
type EventState = {
  target: unknown;
  currentTarget: unknown;
  phase: number;
  canceled: boolean;
  stopped: boolean;
  stoppedAtOnce: boolean;
  isPassive: boolean;
};

const states = new WeakMap<Event, EventState>();

function stateOf(event: Event): EventState {
  const state = states.get(event);
  if (state === undefined) throw new TypeError("Illegal invocation");
  return state;
}

class Event {
  static readonly NONE = NONE;
  static readonly CAPTURING_PHASE = 1;
  static readonly AT_TARGET = AT_TARGET;
  static readonly BUBBLING_PHASE = 3;

  readonly type: string;
  readonly bubbles: boolean;
  readonly cancelable: boolean;
  readonly composed: boolean;
  readonly timeStamp = Date.now();
  readonly isTrusted = false;
  readonly srcElement = null;

  constructor(...given: [type: unknown, init?: EventInit]) {
    requireArguments(given, 1, "Failed to construct 'Event'");
    const [type, init] = given;
    this.type = String(type);
    this.bubbles = Boolean(init?.bubbles);
    this.cancelable = Boolean(init?.cancelable);
    this.composed = Boolean(init?.composed);
    states.set(this, {
      target: null,
      currentTarget: null,
      phase: NONE,
      ...{ canceled: false, stopped: false, stoppedAtOnce: false, isPassive: false },
    });
  }
  get target(): unknown {
    return stateOf(this).target;
  }
  get currentTarget(): unknown {
    return stateOf(this).currentTarget;
  }
  get eventPhase(): number {
    return stateOf(this).phase;
  }
  get defaultPrevented(): boolean {
    return stateOf(this).canceled;
  }
  get returnValue(): boolean {
    return !stateOf(this).canceled;
  }
  set returnValue(value: unknown) {
    if (!value) this.preventDefault();
  }
  get cancelBubble(): boolean {
    return stateOf(this).stopped;
  }
  set cancelBubble(value: unknown) {
    if (value) stateOf(this).stopped = true;
  }
  composedPath(): unknown[] {
    const { currentTarget } = stateOf(this);
    return currentTarget === null ? [] : [currentTarget];
  }
  preventDefault(): void {
    const state = stateOf(this);
    if (this.cancelable && !state.isPassive) state.canceled = true;
  }
  stopPropagation(): void {
    stateOf(this).stopped = true;
  }
  stopImmediatePropagation(): void {
    const state = stateOf(this);
    state.stopped = true;
    state.stoppedAtOnce = true;
  }
  get [Symbol.toStringTag](): string {
    return "Event";
  }
}

class EventTarget {
  readonly #listeners = new Map<string, Registered[]>();

  addEventListener(...given: [type: unknown, callback?: Listener | null, options?: unknown]): void {
    requireArguments(given, 2, "Failed to execute 'addEventListener' on 'EventTarget'");
    const [type, callback, options] = given;
    if (callback === null || callback === undefined) return;
    const listener = { callback, ...optionsOf(options) };
    if (listener.signal?.aborted === true) return;
    const known = this.#listenersOf(type);
    if (known.some((other) => isSame(other, listener))) return;
    this.#listeners.set(String(type), [...known, listener]);
    listener.signal?.addEventListener("abort", () => this.#remove(type, listener));
  }
  removeEventListener(...given: [type: unknown, callback?: Listener | null, options?: unknown]): void {
    requireArguments(given, 2, "Failed to execute 'removeEventListener' on 'EventTarget'");
    const [type, callback, options] = given;
    if (callback === null || callback === undefined) return;
    this.#remove(type, { callback, ...optionsOf(options) });
  }
  /** What a listener throws ends the dispatch, as on Convex. (On the web it is reported, and the others are called.) */
  dispatchEvent(...given: [event: Event]): boolean {
    requireArguments(given, 1, "Failed to execute 'dispatchEvent' on 'EventTarget'");
    const [event] = given;
    const state = stateOf(event);
    if (state.phase !== NONE) throw new DOMException("Invalid event state.", "InvalidStateError");
    Object.assign(state, { target: this, currentTarget: this, phase: AT_TARGET });
    try {
      if (!state.stopped) this.#call(event, state);
    } finally {
      Object.assign(state, { currentTarget: null, phase: NONE, stopped: false, stoppedAtOnce: false });
    }
    return !state.canceled;
  }
  get [Symbol.toStringTag](): string {
    return "EventTarget";
  }

  #call(event: Event, state: EventState): void {
    // Those that are there now; but not one that another one removes in the meantime.
    for (const listener of this.#listenersOf(event.type)) {
      if (!this.#listenersOf(event.type).includes(listener)) continue;
      if (listener.once) this.#remove(event.type, listener);
      state.isPassive = listener.passive;
      const { callback } = listener;
      try {
        if (typeof callback === "function") callback.call(this, event);
        else callback.handleEvent?.(event);
      } finally {
        state.isPassive = false;
      }
      if (state.stoppedAtOnce) return;
    }
  }
  #listenersOf(type: unknown): Registered[] {
    return this.#listeners.get(String(type)) ?? [];
  }
  #remove(type: unknown, listener: Registered): void {
    const left = this.#listenersOf(type).filter((other) => !isSame(other, listener));
    this.#listeners.set(String(type), left);
  }
}

function isSame(left: Registered, right: Registered): boolean {
  return left.callback === right.callback && left.capture === right.capture;
}

function optionsOf(options: unknown): ListenerOptions {
  if (typeof options !== "object" || options === null) {
    return { capture: Boolean(options), once: false, passive: false };
  }
  const { capture, once, passive, signal } = options as Partial<ListenerOptions>;
  return {
    ...{ capture: Boolean(capture), once: Boolean(once), passive: Boolean(passive) },
    ...(signal !== undefined && { signal }),
  };
}

function requireArguments(given: readonly unknown[], count: number, prefix: string): void {
  if (given.length >= count) return;
  const required = `${count} argument${count === 1 ? "" : "s"} required`;
  throw new TypeError(`${prefix}: ${required}, but only ${given.length} present.`);
}

/** Convex has no `AbortSignal.abort`, and the default reason is an `Error`. */
class AbortSignal extends EventTarget {
  #aborted = false;
  #reason: unknown = undefined;
  onabort: ((event: Event) => void) | null = null;

  get aborted(): boolean {
    return this.#aborted;
  }
  get reason(): unknown {
    return this.#reason;
  }
  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }
  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const combined = new AbortController();
    for (const signal of signals) {
      if (signal.aborted) {
        combined.abort(signal.reason);
        break;
      }
      signal.addEventListener("abort", () => combined.abort(signal.reason), { once: true });
    }
    return combined.signal;
  }
  static timeout(): never {
    throw new Error(
      "Can't use AbortSignal.timeout() in queries and mutations. Please consider using an action. " +
        "See https://docs.convex.dev/functions/actions for more details.",
    );
  }
  /** For `AbortController` only. */
  static trigger(signal: AbortSignal, reason: unknown): void {
    if (signal.#aborted) return;
    signal.#aborted = true;
    signal.#reason = reason ?? Object.assign(new Error("This operation was aborted"), { name: "AbortError" });
    const event = new Event("abort");
    signal.onabort?.(event);
    signal.dispatchEvent(event);
  }
  override get [Symbol.toStringTag](): string {
    return "AbortSignal";
  }
}

class AbortController {
  readonly signal = new AbortSignal();
  abort(reason?: unknown): void {
    AbortSignal.trigger(this.signal, reason);
  }
  get [Symbol.toStringTag](): string {
    return "AbortController";
  }
}

export function installEvents(global: Record<string, unknown>): void {
  Object.assign(global, { Event, EventTarget, AbortSignal, AbortController });
}
