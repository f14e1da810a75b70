/** Pauses before the repetitions of a write that failed. */
const RETRY_PAUSES_MS = [100, 500, 2_000];

/**
 * Makes a write of a run, and repeats it when it fails. It may have been stored although its answer was lost; that harms nothing:
 * a flush is taken once by its `flushSeq`, and a run ends once.
 */
export async function withRetries<T>(runId: string, write: () => Promise<T>): Promise<T> {
  for (const pause of RETRY_PAUSES_MS) {
    try {
      return await write();
    } catch (error) {
      console.warn(`[STREAMING] A write of run ${runId} failed and is repeated in ${pause} ms`, error);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return await write();
}
