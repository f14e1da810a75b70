/** A clean end for SIGTERM and Ctrl-C. */

/** Longer than the grace that running actions get; a service manager's own patience is usually 10 s. */
const PATIENCE_MS = 8_000;
const INTERRUPTED = 130;

/**
 * Calls `close` at the first signal and ends the process; a second signal ends it at once. `program`: what is said not to have
 * stopped if it takes more than 8 s.
 */
export function stopOnSignals(program: string, close: () => Promise<void>): void {
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) process.exit(INTERRUPTED);
    isStopping = true;
    setTimeout(() => {
      process.stderr.write(
        `${program} did not stop in time; ended as it was. Nothing that was acknowledged is lost.\n`,
      );
      process.exit(1);
    }, PATIENCE_MS).unref();
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}
