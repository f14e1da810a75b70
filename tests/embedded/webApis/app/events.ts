import { evaluating, thrownBy } from "./evaluate.ts";

/** An event with what is deprecated, too. */
const loosely = (event: Event) => event as unknown as Record<string, unknown>;
const loose = (value: unknown): never => value as never;
/** What is called, in order, when an event of type "x" is dispatched. */
const calls = (
  listen: (target: EventTarget, call: (name: string) => () => void) => void,
  event = new Event("x"),
): string[] => {
  const target = new EventTarget();
  const called: string[] = [];
  listen(target, (name) => () => void called.push(name));
  target.dispatchEvent(event);
  return called;
};

export const { inQuery: events, inMutation: eventsInMutation } = evaluating({
  defaults: () => {
    const event = new Event("test");
    const {
      type,
      target,
      currentTarget,
      eventPhase,
      bubbles,
      cancelable,
      composed,
      defaultPrevented,
      returnValue,
      cancelBubble,
      isTrusted,
    } = loosely(event);
    return [
      type,
      target,
      currentTarget,
      eventPhase,
      bubbles,
      cancelable,
      composed,
      defaultPrevented,
      returnValue,
      cancelBubble,
      isTrusted,
      event.composedPath(),
    ];
  },
  init: () => {
    const { type, bubbles, cancelable, composed } = new Event("I am an event", {
      bubbles: true,
      cancelable: loose("yes"),
      composed: true,
    });
    return [type, bubbles, cancelable, composed];
  },
  types: () => [
    new Event(loose(undefined)).type,
    new Event(loose(null)).type,
    new Event("").type,
    thrownBy(() => new (Event as unknown as new () => Event)()),
  ],
  "the time stands still": () => new Event("a").timeStamp === Date.now(),
  phases: () => [Event.NONE, Event.CAPTURING_PHASE, Event.AT_TARGET, Event.BUBBLING_PHASE],
  "the event at its target": () => {
    const target = new EventTarget();
    let seen: unknown[] = [];
    const event = new Event("x");
    target.addEventListener("x", function (this: unknown, given) {
      seen = [
        this === target,
        given === event,
        given.target === target,
        given.currentTarget === target,
        given.eventPhase,
        given.composedPath()[0] === target,
      ];
    });
    target.dispatchEvent(event);
    return [seen, event.target === target, event.currentTarget, event.eventPhase, event.composedPath()];
  },
  "in order, each once": () =>
    calls((target, call) => {
      const first = call("1");
      target.addEventListener("x", first);
      target.addEventListener("x", call("2"), true);
      target.addEventListener("x", first);
      target.addEventListener("x", first, { capture: false, once: true });
      target.addEventListener("x", first, true);
      target.addEventListener("y", call("other"));
    }),
  removed: () =>
    calls((target, call) => {
      const [first, second] = [call("1"), call("2")];
      target.addEventListener("x", first);
      target.addEventListener("x", second, true);
      target.removeEventListener("x", first);
      target.removeEventListener("x", second);
      target.removeEventListener("x", call("unknown"));
      target.removeEventListener("x", null);
    }),
  "removed by another one": () =>
    calls((target, call) => {
      const second = call("2");
      target.addEventListener("x", () => target.removeEventListener("x", second));
      target.addEventListener("x", second);
    }),
  "added by another one": () =>
    calls((target, call) => {
      target.addEventListener("x", () => target.addEventListener("x", call("later")));
    }),
  once: () => {
    const target = new EventTarget();
    let called = 0;
    target.addEventListener(
      "x",
      () => {
        called++;
        target.dispatchEvent(new Event("x"));
      },
      { once: true },
    );
    target.dispatchEvent(new Event("x"));
    return called;
  },
  passive: () => {
    const event = new Event("x", { cancelable: true });
    calls(
      (target) => target.addEventListener("x", (given) => given.preventDefault(), { passive: true }),
      event,
    );
    return event.defaultPrevented;
  },
  "a signal": () =>
    calls((target, call) => {
      const controller = new AbortController();
      target.addEventListener("x", call("removed"), { signal: controller.signal });
      target.addEventListener("x", call("stays"));
      controller.abort();
      target.addEventListener("x", call("never"), { signal: controller.signal });
    }),
  handleEvent: () =>
    calls((target, call) => {
      target.addEventListener("x", { handleEvent: call("object") });
      target.addEventListener("x", {} as EventListenerObject);
      target.addEventListener("x", null);
    }),
  preventDefault: () => {
    const results = [true, false].map((cancelable) => {
      const target = new EventTarget();
      target.addEventListener("x", (event) => event.preventDefault());
      const event = new Event("x", { cancelable });
      return [target.dispatchEvent(event), event.defaultPrevented, loosely(event)["returnValue"]];
    });
    return results;
  },
  returnValue: () => {
    const event = new Event("x", { cancelable: true });
    loosely(event)["returnValue"] = true;
    const before = event.defaultPrevented;
    loosely(event)["returnValue"] = false;
    return [before, event.defaultPrevented];
  },
  stopPropagation: () =>
    calls((target, call) => {
      target.addEventListener("x", (event) => event.stopPropagation());
      target.addEventListener("x", call("still"));
    }),
  "stopped before": () => {
    const event = new Event("x");
    loosely(event)["cancelBubble"] = true;
    const first = calls((target, call) => target.addEventListener("x", call("not")), event);
    return [first, loosely(event)["cancelBubble"]];
  },
  stopImmediatePropagation: () =>
    calls((target, call) => {
      target.addEventListener("x", (event) => event.stopImmediatePropagation());
      target.addEventListener("x", call("not"));
    }),
  "dispatched twice at once": () => {
    const target = new EventTarget();
    let result = "";
    target.addEventListener("x", (event) => {
      result = thrownBy(() => target.dispatchEvent(event));
    });
    target.dispatchEvent(new Event("x"));
    return result;
  },
  "dispatched twice": () => {
    const target = new EventTarget();
    let called = 0;
    target.addEventListener("x", () => called++);
    const event = new Event("x");
    target.dispatchEvent(event);
    target.dispatchEvent(event);
    return called;
  },
  "what is no event": () =>
    [null, {}, Object.create(Event.prototype)].map((event) =>
      thrownBy(() => new EventTarget().dispatchEvent(event as Event)),
    ),
  "too few arguments": () => [
    thrownBy(() => (new EventTarget().addEventListener as (type: string) => void)("x")),
    thrownBy(() => (new EventTarget().dispatchEvent as unknown as () => void)()),
  ],
  subclasses: () => {
    class Own extends EventTarget {
      name = "own";
    }
    class Said extends Event {
      detail = 5;
    }
    const own = new Own();
    let detail: unknown;
    own.addEventListener("x", (event) => (detail = event instanceof Said ? event.detail : "not one"));
    own.dispatchEvent(new Said("x"));
    return [own instanceof EventTarget, detail, own.name];
  },
  // Convex's own ways.
  "Convex: what a listener throws is thrown": () =>
    thrownBy(() =>
      calls((target) => {
        target.addEventListener("x", () => {
          throw new RangeError("listener");
        });
      }),
    ),
  "Convex: no other events": () =>
    ["CustomEvent", "ErrorEvent", "MessageEvent"].filter((name) => name in globalThis),
});

export const { inQuery: aborting, inMutation: abortingInMutation } = evaluating({
  "at once, and once": () => {
    const controller = new AbortController();
    const { signal } = controller;
    const seen: unknown[] = [];
    signal.addEventListener("abort", (event) =>
      seen.push("listener", event.type, event.target === signal, signal.aborted),
    );
    signal.onabort = () => seen.push("onabort");
    const before = signal.aborted;
    controller.abort();
    controller.abort("again");
    return [before, signal.aborted, seen, controller.signal === signal];
  },
  reasons: () => {
    const [given, none] = [new AbortController(), new AbortController()];
    given.abort("why");
    none.abort();
    const reason: unknown = none.signal.reason;
    return [given.signal.reason as unknown, reason instanceof Error && reason.name];
  },
  throwIfAborted: () => {
    const controller = new AbortController();
    controller.signal.throwIfAborted();
    controller.abort(new RangeError("why"));
    controller.signal.throwIfAborted();
  },
  any: () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const both = AbortSignal.any([first.signal, second.signal]);
    const before = both.aborted;
    second.abort("second");
    first.abort("first");
    return [
      before,
      both.aborted,
      both.reason as unknown,
      AbortSignal.any([]).aborted,
      AbortSignal.any([second.signal]).reason as unknown,
    ];
  },
  "a listener that comes late": () => {
    const controller = new AbortController();
    controller.abort();
    let called = false;
    controller.signal.addEventListener("abort", () => (called = true));
    return called;
  },
  // Convex's own ways.
  "Convex: the default reason is an Error": () => {
    const controller = new AbortController();
    controller.abort();
    return [controller.signal.reason instanceof DOMException, (controller.signal.reason as Error).message];
  },
  "Convex: no AbortSignal.abort": () => typeof (AbortSignal as { abort?: unknown }).abort,
  "Convex: no timeout in here": () => thrownBy(() => AbortSignal.timeout(1)),
});
