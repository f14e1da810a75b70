import { Backoff, pauseBeforeRetry } from "./backoff.ts";

const RETRY = { firstMs: 500, longestMs: 10_000 };

/** What `load` gives, asked for with backoff until it comes. Never rejects. */
export async function untilLoaded<Part>(load: () => Promise<Part>): Promise<Part> {
  const backoff = new Backoff(RETRY);
  for (;;) {
    try {
      return await load();
    } catch {
      await pauseBeforeRetry(backoff.next());
    }
  }
}
