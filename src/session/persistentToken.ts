/**
 * Getting a session's token anew, without giving up. The auth library lets an error of this through to the Convex
 * client, which then stays disconnected; so here an error is either waited out or becomes "there is no session".
 */
export type FetchToken = (args: { forceRefreshToken: boolean }) => Promise<string | null | undefined>;

/** ms before the first repetition, doubled up to the longest. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
/** Refusals by the server in a row after which the session is taken for lost. */
const REFUSALS = 3;

export interface PersistentTokenDoors {
  readonly wait: (ms: number) => Promise<void>;
  /** The server does not accept this session any more. */
  readonly onRefused: () => void;
}

/** An answer of the function itself: everything else (no network, a proxy's error page) is not the server's word. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error && /Uncaught |\[Request ID|^Server Error/.test(error.message);

export function persistently(fetchToken: FetchToken, doors: PersistentTokenDoors): FetchToken {
  return async (args) => {
    let refusals = 0;
    for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)) {
      try {
        return await fetchToken(args);
      } catch (error) {
        refusals = isRefusal(error) ? refusals + 1 : 0;
        if (refusals >= REFUSALS) {
          doors.onRefused();
          return null;
        }
        await doors.wait(retryMs);
      }
    }
  };
}
