/**
 * Signing in as a guest without being asked, kept going through failures. Plain logic: the page gives it its doors.
 */

/** ms before the first repetition, doubled up to the longest. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;

export interface GuestSignInDoors {
  /** Runs `task` while no other tab does. */
  exclusively: (task: () => Promise<void>) => Promise<void>;
  /** Whether a session exists by now, for example by another tab that was first. */
  hasSession: () => boolean;
  signIn: () => Promise<unknown>;
  /** Resolves after `ms`, earlier when there is reason to hope (the network came back). */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
  onTrouble: (troubled: boolean) => void;
}

/** Ends when there is a session or when `signal` aborts. Several tabs that open at once make one guest. */
export async function keepSigningIn(doors: GuestSignInDoors, signal: AbortSignal): Promise<void> {
  const over = () => signal.aborted;
  for (let retryMs = FIRST_RETRY_MS; !over(); retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)) {
    try {
      await doors.exclusively(async () => {
        if (!over() && !doors.hasSession()) await doors.signIn();
      });
      doors.onTrouble(false);
      return;
    } catch {
      if (over()) return;
      doors.onTrouble(true);
      await doors.wait(retryMs, signal);
    }
  }
}
