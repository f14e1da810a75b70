import { tooManyRequests } from "../engine/cloud/limits.ts";
import { RefusalError } from "../engine/cloud/refusal.ts";
import {
  BACKEND_PLACES,
  MAX_CONTEXTS_OF_NOBODY,
  MAX_CONTEXTS_OF_ONE,
  MIN_SHARED_PLACES,
  type ActionLimits,
  type Pool,
} from "./actionLimits.ts";
import { isNobody } from "../functions/client.ts";
import type { Runtime } from "../functions/types.ts";
import { createSemaphore, type Semaphore, type Wish } from "./semaphore.ts";

/**
 * Runs of the Convex runtime that may be beginning at once. Each blocks the thread of all actions while its modules are evaluated, for tens of
 * milliseconds in a large app; two, so that the thread need not wait for the next.
 */
const MAX_BEGINNING = 2;

/** The places in which actions run: a pool for each kind, shared fairly by those who pay for them (E10.13). */
export class Places {
  private readonly pools: Record<Pool, Semaphore>;
  private readonly beginning: Semaphore | null;

  /** `cloudPlaces`: in cloud mode, how many there are in each runtime (E20). `areInThread`: do the runs have a thread of their own? */
  constructor(
    private readonly limits: Pick<ActionLimits, "places" | "maxWaitMs">,
    private readonly cloudPlaces: number | undefined,
    areInThread = true,
  ) {
    const { places, maxWaitMs } = limits;
    const pool = (
      count: number,
      maxOfOne: (payer: string) => number = () => MAX_CONTEXTS_OF_ONE,
    ): Semaphore => {
      // On Convex one client may take them all; and of a handful there is nothing to share.
      const leavesRoom = cloudPlaces === undefined && count >= MIN_SHARED_PLACES;
      return createSemaphore(count, maxWaitMs, { leavesRoom, maxOfOne });
    };
    const isolate = pool(places.isolate, (payer) =>
      isNobody(payer) ? MAX_CONTEXTS_OF_NOBODY : MAX_CONTEXTS_OF_ONE,
    );
    this.pools = {
      node: pool(places.node, () => Infinity),
      isolate,
      http: cloudPlaces === undefined ? pool(places.http) : isolate,
      arriving: cloudPlaces === undefined ? pool(places.arriving) : isolate,
      backend: createSemaphore(BACKEND_PLACES, maxWaitMs),
    };
    // In cloud mode each run has a thread to itself.
    const shareOneThread = areInThread && cloudPlaces === undefined;
    this.beginning = shareOneThread ? createSemaphore(MAX_BEGINNING, maxWaitMs) : null;
  }

  /**
   * Resolves to how to give the place back, or to `null` when it is no longer wanted or all is over. Rejects with a `RefusalError` after
   * too long a wait.
   */
  async take(pool: Pool, wish: Wish, isClosed: () => boolean): Promise<(() => void) | null> {
    const giveBack = await this.pools[pool].acquire(wish);
    if (giveBack === null && !isClosed() && wish.signal?.aborted !== true) throw this.refusal(pool);
    return giveBack;
  }

  /**
   * Waits until a run that has its place may begin. Resolves to what is to be called once it has begun, or to `null` as `take` does. One client's
   * burst does not delay others: they take turns.
   */
  async takeTurn(runtime: Runtime, { payer, signal }: Wish): Promise<(() => void) | null> {
    if (runtime === "node" || this.beginning === null) return () => {};
    return this.beginning.acquire({ patience: "patient", signal, ...(payer !== undefined && { payer }) });
  }

  /** Turns away everybody who waits. */
  close(): void {
    for (const pool of Object.values(this.pools)) pool.close();
    this.beginning?.close();
  }

  private refusal(pool: Pool): RefusalError {
    const places = pool === "backend" ? BACKEND_PLACES : this.limits.places[pool];
    return new RefusalError(
      "TooManyConcurrentRequests",
      this.cloudPlaces !== undefined
        ? tooManyRequests(this.cloudPlaces, "action")
        : `Too many concurrent requests. Your backend is limited to ${places} concurrent actions. Try again later.`,
    );
  }
}
