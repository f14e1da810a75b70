import { untilAborted } from "./untilAborted";

/** Until the time has passed or the signal is aborted. Never rejects, and leaves no timer behind. */
export async function pause(ms: number, signal: AbortSignal): Promise<"passed" | "aborted"> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const passed = new Promise<"passed">((resolve) => {
    timer = setTimeout(() => resolve("passed"), ms);
  });
  try {
    return await untilAborted(passed, signal);
  } finally {
    clearTimeout(timer);
  }
}
