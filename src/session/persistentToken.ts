import { Backoff } from "../lib/backoff.ts";

/**
 * Renews a session's token without giving up. If the auth library's function throws, the Convex client stays
 * disconnected; so here a failure is either waited out or means that the session has ended.
 */
export type FetchToken = (args: { forceRefreshToken: boolean }) => Promise<string | null | undefined>;

const RETRY = { firstMs: 500, longestMs: 15_000 };
/** Refusals by the server in a row after which the session counts as lost. */
const MAX_REFUSALS = 3;

export interface PersistentTokenDependencies {
  /** Resolves after `ms`, earlier if the network comes back. */
  readonly pause: (ms: number) => Promise<void>;
  /** The server no longer accepts this session. */
  readonly onRefused: () => void;
}

/** Whether the function itself threw. Anything else (no network, a proxy's error page) is not the server's verdict. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error && /Uncaught |\[Request ID|^Server Error/.test(error.message);

/** `fetchToken`, repeated until it succeeds. Resolves with null, after `onRefused`, if the server refuses the session. */
export function persistently(
  fetchToken: FetchToken,
  { pause, onRefused }: PersistentTokenDependencies,
): FetchToken {
  return async (args) => {
    const backoff = new Backoff(RETRY);
    for (let refusals = 0; ;) {
      try {
        return await fetchToken(args);
      } catch (error) {
        refusals = isRefusal(error) ? refusals + 1 : 0;
        if (refusals >= MAX_REFUSALS) {
          onRefused();
          return null;
        }
        await pause(backoff.next());
      }
    }
  };
}
