import { ConvexReactClient } from "convex/react";
import { failureData } from "../../convex/shared/errors";
import { pauseBeforeRetry } from "../lib/backoff.ts";
import { createStore } from "../lib/store.ts";
import { persistently, type FetchToken } from "./persistentToken.ts";

/** True while the stored session cannot be renewed. */
export const renewalTroubled = createStore(false);

/** ms between two looks at a session that functions say has ended: many may say so at once. */
const CHECK_INTERVAL_MS = 5_000;

/**
 * The official client, which does not stay disconnected when a session cannot be renewed at once, and finds out when it was signed out
 * elsewhere.
 */
export class SessionClient extends ConvexReactClient {
  #fetchToken: FetchToken | null = null;
  #checkedAt = -Infinity;

  override setAuth(...[fetchToken, ...rest]: Parameters<ConvexReactClient["setAuth"]>) {
    const dependencies = {
      pause: (ms: number) => pauseBeforeRetry(ms),
      onTrouble: (troubled: boolean) => renewalTroubled.set(troubled),
    };
    this.#fetchToken = persistently(fetchToken, dependencies);
    super.setAuth(this.#fetchToken, ...rest);
  }

  /**
   * For the error of a query or another call: when a function says that there is no session, the session is renewed at once. Only the
   * answer to that ends it. [G14]
   */
  noteFailure(error: unknown): void {
    if (failureData(error)?.code !== "UNAUTHENTICATED" || this.#fetchToken === null) return;
    if (performance.now() - this.#checkedAt < CHECK_INTERVAL_MS) return;
    this.#checkedAt = performance.now();
    void this.#fetchToken({ forceRefreshToken: true });
  }

  override mutation: ConvexReactClient["mutation"] = async (...call) => {
    try {
      return await super.mutation(...call);
    } catch (error) {
      this.noteFailure(error);
      throw error;
    }
  };
}
