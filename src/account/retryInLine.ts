import { failureData } from "../../convex/shared/errors";

/** How long a page stays in line by itself, in milliseconds. */
const PATIENCE_MS = 3 * 60_000;

/**
 * Calls `call` until it is not told to come back later because many people are signing in; each time `onWait` gets that error. Throws what `call`
 * throws otherwise, and that error too after three minutes or once `signal` is aborted.
 */
export async function retryInLine(
  call: () => Promise<void>,
  onWait: (error: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let waitedMs = 0; ;) {
    try {
      await call();
      return;
    } catch (error) {
      const data = failureData(error);
      const waitMs = data?.scope === "line" ? (data.retryAfterMs ?? null) : null;
      if (waitMs === null || waitedMs + waitMs > PATIENCE_MS || signal.aborted) throw error;
      onWait(error);
      waitedMs += waitMs;
      const isTime = await new Promise<boolean>((resolve) => {
        setTimeout(() => resolve(true), waitMs);
        signal.addEventListener("abort", () => resolve(false), { once: true });
      });
      if (!isTime) throw error;
    }
  }
}
