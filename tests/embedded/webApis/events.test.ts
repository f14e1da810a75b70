/** `Event`, `EventTarget` and `AbortController`, with cases in the spirit of web-platform-tests (`dom/events/`, `dom/abort/`), and as Convex has them. */
import { describeCases } from "./cases.ts";

// convex-backend's npm-packages/udf-runtime/src/02_event.ts.
describeCases(
  "Event and EventTarget (dom/events/Event-*.any.js, EventTarget-*.any.js, AddEventListenerOptions-*.any.js)",
  "events:events",
  {
    defaults: ["test", null, null, 0, false, false, false, false, true, false, false, []],
    init: ["I am an event", true, true, true],
    types: ["undefined", "null", "", "throws TypeError"],
    "the time stands still": true,
    phases: [0, 1, 2, 3],
    "the event at its target": [[true, true, true, true, 2, true], true, null, 0, []],
    "in order, each once": ["1", "2", "1"],
    removed: ["2"],
    "removed by another one": [],
    "added by another one": [],
    once: 1,
    passive: false,
    "a signal": ["stays"],
    handleEvent: ["object"],
    preventDefault: [
      [false, true, false],
      [true, false, true],
    ],
    returnValue: [false, true],
    stopPropagation: ["still"],
    "stopped before": [[], false],
    stopImmediatePropagation: [],
    "dispatched twice at once": "throws InvalidStateError",
    "dispatched twice": 2,
    "what is no event": ["throws TypeError", "throws TypeError", "throws TypeError"],
    "too few arguments": ["throws TypeError", "throws TypeError"],
    subclasses: [true, 5, "own"],
    "Convex: what a listener throws is thrown": "throws RangeError",
    "Convex: no other events": [],
  },
);

// convex-backend's npm-packages/udf-runtime/src/03_abort_signal.ts.
describeCases(
  "AbortController and AbortSignal (dom/abort/event.any.js, abort-signal-any.any.js)",
  "events:aborting",
  {
    "at once, and once": [false, true, ["onabort", "listener", "abort", true, true], true],
    reasons: ["why", "AbortError"],
    throwIfAborted: "throws RangeError",
    any: [false, true, "second", false, "second"],
    "a listener that comes late": false,
    "Convex: the default reason is an Error": [false, "This operation was aborted"],
    "Convex: no AbortSignal.abort": "undefined",
    "Convex: no timeout in here":
      "throws Can't use AbortSignal.timeout() in queries and mutations. Please consider using an action. See https://docs.convex.dev/functions/actions for more details.",
  },
);
