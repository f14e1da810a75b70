import { ConvexReactClient } from "convex/react";
import { pauseBeforeRetry } from "../lib/backoff.ts";
import { createStore } from "../lib/store.ts";
import { persistently } from "./persistentToken.ts";

/** True while the stored session cannot be renewed. */
export const renewalTroubled = createStore(false);

/** The official client, which does not stay disconnected when a session cannot be renewed at once. */
export class SessionClient extends ConvexReactClient {
  override setAuth(...[fetchToken, ...rest]: Parameters<ConvexReactClient["setAuth"]>) {
    const dependencies = {
      pause: (ms: number) => pauseBeforeRetry(ms),
      onTrouble: (troubled: boolean) => renewalTroubled.set(troubled),
    };
    super.setAuth(persistently(fetchToken, dependencies), ...rest);
  }
}
