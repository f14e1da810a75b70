import { internal } from "../../_generated/api";
import type { Id } from "../../_generated/dataModel";
import type { ScriptCaller } from "../apiTokens/scriptCaller";
import { claimRun } from "../generator/claimRun";
import type { GeneratorCtx } from "../generator/generatorCtx";
import { followAnswer, type AnswerNews } from "./followAnswer";

/** How often a request looks at an answer that another generates: an action has no live queries. */
const FOLLOW_INTERVAL_MS = 250;

/** Where the generator is its own, each of its writes is a reason to look; this is for what others write, a Stop above all. */
const OWN_FOLLOW_INTERVAL_MS = 1_000;

/** While a run waits, how often the request asks whether there is a place for it now. */
const WAIT_INTERVAL_MS = 1_000;

/**
 * Runs the generator, which does nothing if the run has one already or has ended, and follows the answer in its log. The text is
 * taken from there and not from the provider, so that none is given out that is not stored. [G9]
 */
export function runAndFollow(
  ctx: GeneratorCtx,
  run: ScriptCaller & { messageId: Id<"chatMessages">; runId: string },
): { news: AsyncGenerator<AnswerNews, void, void>; ended: Promise<void> } {
  const { userId, proof, messageId, runId } = run;
  const changes = new Changes();
  let intervalMs = OWN_FOLLOW_INTERVAL_MS;
  const ended = generateInTurn(notifying(ctx, changes), { runId, userId }, messageId)
    .catch((error: unknown) => {
      // Its lease will end the run, and the answer will say so.
      console.error(`[STREAMING] The generator of run ${runId} failed`, error);
    })
    .then(() => {
      intervalMs = FOLLOW_INTERVAL_MS;
      changes.notify();
    });
  const news = followAnswer(
    (from) => ctx.runQuery(internal.chatStream.read, { userId, proof, messageId, from }),
    () => changes.next(intervalMs),
  );
  return { news, ended };
}

/**
 * Generates as soon as there is a place, unless somebody else does: also where the files are too large for this runtime, or the tools need Node, since then the
 * run's start check has the Node action generate, as for a tab that was closed.
 *
 * The generator is imported only then: with the libraries that it needs it is two thirds of what a request costs in memory and in time to
 * begin, which whoever waits or is refused has no use for.
 */
async function generateInTurn(
  ctx: GeneratorCtx,
  run: { runId: string; userId: Id<"users"> },
  messageId: Id<"chatMessages">,
): Promise<void> {
  if (await ctx.runQuery(internal.chatStream.needsNode, { messageId })) return;
  let claim = await claimRun(ctx, run);
  for (; claim === "waiting"; claim = await claimRun(ctx, run)) {
    await new Promise((resolve) => setTimeout(resolve, WAIT_INTERVAL_MS));
  }
  if (claim === "gone") return;
  const { generateClaimed } = await import("../generator/generateAnswer");
  await generateClaimed(ctx, run.runId);
}

function notifying(ctx: GeneratorCtx, changes: Changes): GeneratorCtx {
  return {
    storage: ctx.storage,
    runQuery: (query, ...args) => ctx.runQuery(query, ...args),
    runMutation: async (mutation, ...args) => {
      try {
        return await ctx.runMutation(mutation, ...args);
      } finally {
        changes.notify();
      }
    },
  };
}

/** What happened while nobody waited is not missed. */
class Changes {
  #happened = false;
  #wake: () => void = () => undefined;

  notify(): void {
    this.#happened = true;
    this.#wake();
  }

  /** The next change, or one that has been already; `maxMs` at most. */
  async next(maxMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    if (!this.#happened) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, maxMs);
      });
      clearTimeout(timer);
    }
    this.#happened = false;
  }
}
