/** A very long chat, scrolled from its end to its beginning: the frames that a reader sees. */
import type { Page } from "playwright-core";
import { percentile } from "./lib/statistics.ts";
import { formatMs, formatTable } from "./lib/table.ts";
import { markdownAnswer } from "./page/markdownAnswer.ts";
import { ask, AT_ONCE, lengthen, openPage, withPage } from "./page/openApp.ts";
import { recordTasks } from "./page/smoothness.ts";

/** Characters of each answer. */
const ANSWER_BYTES = 1_500;
/** Every so many prompts are answered; the others are stopped before, which is the quickest way to many messages. */
const ANSWERED_OF = 10;
/** px a frame: 18,000 px a second, as a hard fling of a finger. */
const STEP_PX = 300;
/** ms: the aims of issue 14. */
const AIMS = { p95: 33, longest: 150 };
/** ms after which a page of messages that does not come is not waited for. */
const PATIENCE_MS = 10_000;

/** `messages`: how many the chat has. */
export async function benchScrolling(messages: number): Promise<string> {
  const { frames, tasks } = await withPage(markdownAnswer(ANSWER_BYTES), AT_ONCE, async (bench) => {
    const page = await openPage(bench);
    await ask(page, "The very first");
    await page.waitForURL(/\/chat\//);
    await lengthen(page, messages - 4, ANSWERED_OF);
    await ask(page, "The last");
    const endRecording = await recordTasks(page);
    const frames = await scrolledFrames(page);
    return { frames, tasks: await endRecording() };
  });
  const seconds = frames.reduce((sum, ms) => sum + ms, 0) / 1_000;
  const [p95, longest] = [percentile(frames, 0.95), Math.max(...frames)];
  // Of the processor, whatever else the machine does: a frame may be late for other reasons.
  const [longTasks, longestTask] = [
    tasks.filter((ms) => ms > AIMS.p95).length,
    tasks.reduce((a, b) => Math.max(a, b), 0),
  ];
  return formatTable(
    `A chat of ${messages.toLocaleString("en")} messages scrolled from end to beginning, ${STEP_PX} px a frame`,
    [
      ...["frames", "seconds", "median", `95 % (aim ${AIMS.p95} ms)`, `longest (aim ${AIMS.longest} ms)`],
      ...[`tasks over ${AIMS.p95} ms of the processor`, "longest"],
    ],
    [
      [
        String(frames.length),
        seconds.toFixed(0),
        formatMs(percentile(frames, 0.5)),
        formatMs(p95),
        formatMs(longest),
        String(longTasks),
        formatMs(longestTask),
      ],
    ],
  );
}

/** ms between two frames, from the end of the chat until its first prompt is in the view. Throws if it never is. */
async function scrolledFrames(page: Page): Promise<number[]> {
  // The reader's hand detaches the view from the chat's end.
  await page.getByRole("region", { name: "Messages" }).hover();
  await page.mouse.wheel(0, -STEP_PX);
  const { frames, reached } = await page.evaluate(
    ([step, patience]) =>
      new Promise<{ frames: number[]; reached: boolean }>((resolve) => {
        const view = document.querySelector("[aria-label=Messages]")!;
        const frames: number[] = [];
        const clock = {
          before: performance.now(),
          movedAt: performance.now(),
          tick(at: number) {
            frames.push(at - clock.before);
            clock.before = at;
            if (view.scrollTop > 0) {
              clock.movedAt = at;
              view.scrollTop -= step;
            }
            const reached = view.scrollTop === 0 && view.textContent.includes("The very first");
            if (reached || at - clock.movedAt > patience) {
              resolve({ frames, reached });
              return;
            }
            requestAnimationFrame(clock.tick);
          },
        };
        requestAnimationFrame(clock.tick);
      }),
    [STEP_PX, PATIENCE_MS] as const,
  );
  if (!reached) throw new Error("The chat's beginning never came into view");
  // The first one began before the measurement.
  return frames.slice(1);
}
