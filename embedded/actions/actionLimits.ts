/** What bounds actions, unless a setting says otherwise. */
import type { Runtime } from "../functions/types.ts";
import type { WorkerLimits } from "./connections.ts";

/**
 * How many runs there may be at once: actions of each runtime, HTTP actions, and HTTP actions whose request has not come whole when
 * their turn comes (`http/wholeBody.ts`). In cloud mode the last two are not looked at.
 */
export type ActionPlaces = Record<Runtime | "http" | "arriving", number>;

/** Where a run has its place. `backend`: HTTP actions that the backend itself runs, to read keys that the app publishes. */
export type Pool = keyof ActionPlaces | "backend";

export type ActionLimits = {
  /** Milliseconds that one run may last. */
  maxDurationMs: Record<Runtime, number>;
  places: ActionPlaces;
  /** Milliseconds that a client's run, or another action's, may wait for its place. */
  maxWaitMs: number;
} & WorkerLimits;

/** More than two cores can serve, so that CPU is the limit and not this number. Convex has 16 (self-hosted) to 2,048. */
export const DEFAULT_ACTION_PLACES = 512;

/** Of the Convex runtime each run has a context with modules of its own, which is up to 4 MiB in a large app. All of them fit into the heap. */
const ISOLATE_PLACES = 256;
const HTTP_PLACES = 128;

/** Runs of the Convex runtime that one client may have at once: their contexts take up to 128 MiB in a large app. */
export const MAX_CONTEXTS_OF_ONE = 32;

/** The same for an address's clients that have not signed in: enough to sign in with, one after the other. */
export const MAX_CONTEXTS_OF_NOBODY = 16;

/** Large bodies over slow lines: who sends one holds a place all the while. */
const ARRIVING_PLACES = 64;

/** HTTP actions that the backend itself may have running at once. No client can take these places. */
export const BACKEND_PLACES = 4;

/** With fewer places than these nobody has to leave any for others. */
export const MIN_SHARED_PLACES = 32;

/**
 * Times are Convex's own: `NODE_ACTION_USER_TIMEOUT_SECS`, `V8_ACTION_USER_TIMEOUT_SECS` and
 * `APPLICATION_FUNCTION_RUNNER_ACTION_SEMAPHORE_TIMEOUT`.
 */
export const DEFAULT_LIMITS: ActionLimits = {
  maxDurationMs: { node: 600_000, isolate: 1_800_000 },
  places: {
    node: DEFAULT_ACTION_PLACES,
    isolate: ISOLATE_PLACES,
    http: HTTP_PLACES,
    arriving: ARRIVING_PLACES,
  },
  maxWaitMs: 10_000,
  maxBlockedMs: 60_000,
  // On Convex a run has a thread and 512 MiB of its own; here all share one. 200 that stream from a provider hold 80 MiB. With 2 GiB or more
  // V8 lets garbage grow to three times what is in use before it collects it, with this to less than once.
  maxHeapMb: 1536,
};
