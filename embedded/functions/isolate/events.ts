/** `Event`, `EventTarget`, `AbortController` and their like. There is no tree of targets, so nothing bubbles. */

type Listener = ((event: Event) => void) | { handleEvent(event: Event): void };
type ListenerOptions = boolean | { once?: boolean; signal?: AbortSignal };

class Event {
  readonly type: string;
  readonly bubbles: boolean;
  readonly cancelable: boolean;
  readonly timeStamp = 0;
  target: EventTarget | null = null;
  currentTarget: EventTarget | null = null;
  defaultPrevented = false;
  #stopped = false;

  constructor(type: unknown, init: { bubbles?: boolean; cancelable?: boolean } = {}) {
    this.type = String(type);
    this.bubbles = init.bubbles ?? false;
    this.cancelable = init.cancelable ?? false;
  }
  preventDefault(): void {
    if (this.cancelable) this.defaultPrevented = true;
  }
  stopPropagation(): void {
    // There is nowhere to propagate to.
  }
  stopImmediatePropagation(): void {
    this.#stopped = true;
  }
  static isStopped(event: Event): boolean {
    return event.#stopped;
  }
}

class CustomEvent extends Event {
  readonly detail: unknown;
  constructor(type: string, init: { detail?: unknown; bubbles?: boolean; cancelable?: boolean } = {}) {
    super(type, init);
    this.detail = init.detail ?? null;
  }
}

class ErrorEvent extends Event {
  readonly message: string;
  readonly error: unknown;
  constructor(type: string, init: { message?: string; error?: unknown } = {}) {
    super(type);
    this.message = init.message ?? "";
    this.error = init.error;
  }
}

class MessageEvent extends Event {
  readonly data: unknown;
  constructor(type: string, init: { data?: unknown } = {}) {
    super(type);
    this.data = init.data ?? null;
  }
}

class EventTarget {
  readonly #listeners = new Map<string, { listener: Listener; once: boolean }[]>();

  addEventListener(type: string, listener: Listener | null, options: ListenerOptions = {}): void {
    if (listener === null) return;
    const { once = false, signal }: { once?: boolean; signal?: AbortSignal } =
      typeof options === "object" ? options : {};
    if (signal?.aborted === true) return;
    const listeners = this.#listeners.get(type) ?? [];
    if (listeners.some((entry) => entry.listener === listener)) return;
    this.#listeners.set(type, [...listeners, { listener, once }]);
    signal?.addEventListener("abort", () => this.removeEventListener(type, listener), { once: true });
  }
  removeEventListener(type: string, listener: Listener | null): void {
    const listeners = this.#listeners.get(type) ?? [];
    this.#listeners.set(
      type,
      listeners.filter((entry) => entry.listener !== listener),
    );
  }
  dispatchEvent(event: Event): boolean {
    event.target = event.currentTarget = this;
    const handler = (this as Record<string, unknown>)[`on${event.type}`];
    if (typeof handler === "function") handler.call(this, event);
    for (const { listener, once } of this.#listeners.get(event.type) ?? []) {
      if (Event.isStopped(event)) break;
      if (once) this.removeEventListener(event.type, listener);
      if (typeof listener === "function") listener.call(this, event);
      else listener.handleEvent(event);
    }
    event.currentTarget = null;
    return !event.defaultPrevented;
  }
}

class AbortSignal extends EventTarget {
  #reason: unknown = undefined;
  onabort: ((event: Event) => void) | null = null;

  get aborted(): boolean {
    return this.#reason !== undefined;
  }
  get reason(): unknown {
    return this.#reason;
  }
  throwIfAborted(): void {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- whatever `abort` was given
    if (this.#reason !== undefined) throw this.#reason;
  }
  static abort(reason?: unknown): AbortSignal {
    const signal = new AbortSignal();
    AbortSignal.trigger(signal, reason);
    return signal;
  }
  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const combined = new AbortSignal();
    for (const signal of signals) {
      if (signal.aborted) AbortSignal.trigger(combined, signal.reason);
      else
        signal.addEventListener("abort", () => AbortSignal.trigger(combined, signal.reason), { once: true });
    }
    return combined;
  }
  static timeout(): never {
    throw new Error(
      "Can't use AbortSignal.timeout() in queries and mutations. Please consider using an action. " +
        "See https://docs.convex.dev/functions/actions for more details.",
    );
  }
  static trigger(signal: AbortSignal, reason?: unknown): void {
    if (signal.aborted) return;
    signal.#reason = reason ?? new DOMException("The signal has been aborted", "AbortError");
    signal.dispatchEvent(new Event("abort"));
  }
}

class AbortController {
  readonly signal = new AbortSignal();
  abort(reason?: unknown): void {
    AbortSignal.trigger(this.signal, reason);
  }
}

export function installEvents(global: Record<string, unknown>): void {
  Object.assign(global, {
    Event,
    CustomEvent,
    ErrorEvent,
    MessageEvent,
    EventTarget,
    AbortSignal,
    AbortController,
  });
}
