import { ConvexReactClient } from "convex/react";
import { pauseBeforeRetry } from "../lib/backoff.ts";
import { createStore } from "../lib/store.ts";
import { persistently } from "./persistentToken.ts";

/** True from when the server refused the stored session until it has been put away. */
export const sessionRefused = createStore(false);

/** The official client, which does not stay disconnected when a session cannot be renewed at once. */
export class SessionClient extends ConvexReactClient {
  override setAuth(...[fetchToken, ...rest]: Parameters<ConvexReactClient["setAuth"]>) {
    const dependencies = {
      pause: (ms: number) => pauseBeforeRetry(ms),
      onRefused: () => sessionRefused.set(true),
    };
    super.setAuth(persistently(fetchToken, dependencies), ...rest);
  }
}
