/** What a page feels like while something goes on in it: long tasks, missed frames and the answer to a key press. */
import type { CDPSession, Page } from "playwright-core";

/** ms between two frames of a 60 Hz screen. */
const FRAME_MS = 1000 / 60;

declare global {
  interface Window {
    smoothness?: { longTasks: number[]; frames: number[]; keys: number[] };
  }
}

export interface Smoothness {
  /** ms of each task that held the page for more than 50 ms. */
  readonly longTasks: readonly number[];
  /** Share of the frames of a 60 Hz screen that were not painted, 0 to 1. */
  readonly droppedFrames: number;
  /** ms from each key press to the frame that shows it. */
  readonly keys: readonly number[];
}

/** Observes from now on; once a page. */
export async function observe(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen = { longTasks: [] as number[], frames: [] as number[], keys: [] as number[] };
    window.smoothness = seen;
    new PerformanceObserver((list) => {
      seen.longTasks.push(...list.getEntries().map((entry) => entry.duration));
    }).observe({ type: "longtask" });
    // Durations are rounded to 8 ms, and those under 16 ms are not reported: they count as one frame.
    new PerformanceObserver((list) => {
      const presses = list.getEntries().filter((entry) => entry.name === "keydown");
      seen.keys.push(...presses.map((entry) => entry.duration));
    }).observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
    // A method: the compiler of the benchmarks would wrap a named function in a helper that the page does not have.
    const clock = {
      tick(at: number) {
        seen.frames.push(at);
        requestAnimationFrame(clock.tick);
      },
    };
    requestAnimationFrame(clock.tick);
  });
}

export async function observed(page: Page): Promise<Smoothness> {
  const { longTasks, frames, keys } = await page.evaluate(
    () => window.smoothness ?? { longTasks: [], frames: [], keys: [] },
  );
  const expected = ((frames.at(-1) ?? 0) - (frames[0] ?? 0)) / FRAME_MS;
  const droppedFrames = expected <= 0 ? 0 : Math.max(0, 1 - (frames.length - 1) / expected);
  return { longTasks, droppedFrames, keys };
}

/** Makes the page's processor `times` slower; 1 is its own speed. */
export async function slowDown(page: Page, times: number): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: times });
  return session;
}

/**
 * Records what the main threads of the page's browser do from now on. Returns what ends the recording, with the processor's ms of each task: what else
 * the machine does at the time is not counted.
 */
export async function recordTasks(page: Page): Promise<() => Promise<number[]>> {
  const session = await page.context().browser()!.newBrowserCDPSession();
  const tasks: { thread: string; ms: number }[] = [];
  const mainThreads = new Set<string>();
  session.on("Tracing.dataCollected", ({ value }) => {
    for (const event of value as unknown as TraceEvent[]) {
      const thread = `${event.pid}:${event.tid}`;
      if (event.name === "thread_name" && event.args?.name === "CrRendererMain") mainThreads.add(thread);
      if (event.name.endsWith("RunTask")) tasks.push({ thread, ms: (event.tdur ?? event.dur ?? 0) / 1000 });
    }
  });
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["toplevel"] },
  });
  return async () => {
    const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
    await session.send("Tracing.end");
    await complete;
    await session.detach();
    return tasks.filter(({ thread }) => mainThreads.has(thread)).map(({ ms }) => ms);
  };
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** µs: of the thread itself, and by the clock. */
  readonly tdur?: number;
  readonly dur?: number;
  readonly args?: { readonly name?: string };
}
