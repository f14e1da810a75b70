import type { Log } from "./log.ts";

/** Pauses before the attempts to open a database again that could not be written: the first, and the longest. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** A database that was open for so long counts as mended: the next failure begins with the first pause again. */
const MENDED_MS = 60_000;

/**
 * Opens again what failed, after a pause that grows, until it is open or `signal` says that nobody wants it any more (null).
 * One for all failures of a backend, so that a disk with room for one write now and then is not tried every second.
 */
export class Reopening {
  private pauseMs: number;
  private openedAt = -Infinity;

  constructor(
    private readonly log: Log,
    private readonly firstPauseMs = FIRST_PAUSE_MS,
  ) {
    this.pauseMs = firstPauseMs;
  }

  async open<T>(open: () => Promise<T>, signal: AbortSignal): Promise<T | null> {
    if (performance.now() - this.openedAt > MENDED_MS) this.pauseMs = this.firstPauseMs;
    for (;;) {
      this.log.warn("STORAGE", "The database is opened again after a pause", { ms: this.pauseMs });
      await sleep(this.pauseMs, signal);
      this.pauseMs = Math.min(2 * this.pauseMs, LONGEST_PAUSE_MS);
      if (signal.aborted) return null;
      try {
        const opened = await open();
        this.openedAt = performance.now();
        this.log.warn("STORAGE", "The database can be written again; clients come back by themselves");
        return opened;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.log.warn("STORAGE", "The database can still not be used", { reason });
      }
    }
  }
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
