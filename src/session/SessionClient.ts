import { ConvexReactClient } from "convex/react";
import { createStore } from "../lib/store.ts";
import { persistently } from "./persistentToken.ts";
import { waitHopefully } from "./waitHopefully.ts";

/** True from when the server refused the stored session until it has been put away. */
export const sessionRefused = createStore(false);

/** The official client, which does not stay disconnected when a session cannot be renewed at once. */
export class SessionClient extends ConvexReactClient {
  override setAuth(...[fetchToken, ...rest]: Parameters<ConvexReactClient["setAuth"]>) {
    const doors = {
      wait: (ms: number) => waitHopefully(ms),
      onRefused: () => sessionRefused.set(true),
    };
    super.setAuth(persistently(fetchToken, doors), ...rest);
  }
}
