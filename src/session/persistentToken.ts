import { Backoff } from "../lib/backoff.ts";

/**
 * Renews a session's token without giving up. If the auth library's function throws, the Convex client stays disconnected; so
 * here each failure is waited out, whatever it is: no error of a call ends a session. [G14] The server ends one by answering that
 * there is none, which is no error.
 */
export type FetchToken = (args: { forceRefreshToken: boolean }) => Promise<string | null | undefined>;

const RETRY = { firstMs: 500, longestMs: 30_000 };
/** Failures in a row after which the page says that signing in fails. */
const TROUBLE_AFTER = 3;

export interface PersistentTokenDependencies {
  /** Resolves after `ms`, earlier if the network comes back. */
  readonly pause: (ms: number) => Promise<void>;
  /** Says whether renewing currently fails. */
  readonly onTrouble: (troubled: boolean) => void;
}

/** `fetchToken`, repeated until it succeeds. Resolves with null only when the server has answered that there is no session. */
export function persistently(
  fetchToken: FetchToken,
  { pause, onTrouble }: PersistentTokenDependencies,
): FetchToken {
  return async (args) => {
    const backoff = new Backoff(RETRY);
    for (let failures = 0; ; failures++) {
      try {
        const token = await fetchToken(args);
        if (failures >= TROUBLE_AFTER) onTrouble(false);
        return token;
      } catch {
        if (failures + 1 === TROUBLE_AFTER) onTrouble(true);
        await pause(backoff.next());
      }
    }
  };
}
