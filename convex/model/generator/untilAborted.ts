/** The promise's value, or "aborted" as soon as the signal is. A later rejection is nobody's concern then. */
export async function untilAborted<T>(promise: PromiseLike<T>, signal: AbortSignal): Promise<T | "aborted"> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<"aborted">((resolve) => {
    onAbort = () => resolve("aborted");
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    Promise.resolve(promise).catch(() => undefined);
  }
}
