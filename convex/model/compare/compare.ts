import type { Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { MAX_COMPARED, MIN_COMPARED } from "../../shared/limits";
import { acceptPrompt, type PromptArgs } from "../messages/acceptPrompt";
import { checkModel } from "../offeredModels";
import { enqueue } from "../queue/queue";
import { findComparisonReceipt, viewComparison } from "../receipts";
import type { ComparisonReceipt } from "../validators";
import { startComparison } from "./startComparison";

export type CompareArgs = PromptArgs & { models: string[] };

/** A send to several models, in the same order of checks: an earlier receipt first, so that a repetition is never refused. [G2] */
export async function comparePrompt(
  ctx: MutationCtx,
  userId: Id<"users">,
  args: CompareArgs,
): Promise<ComparisonReceipt> {
  const earlier = await findComparisonReceipt(ctx, userId, args.clientMessageId);
  if (earlier) return earlier;

  const { clientMessageId, content, models } = args;
  const checks = { checkModels: () => checkModels(ctx, userId, models), answers: models.length };
  const accepted = await acceptPrompt(ctx, userId, args, checks);
  const { task } = accepted;
  if (accepted.kind === "queue") {
    await enqueue(ctx, task, { clientMessageId, content, files: accepted.files, models });
    return viewComparison({ taskId: task._id, outcome: { kind: "queued" } }, false);
  }
  const outcome = await startComparison(ctx, task, { ...accepted.prompt, models }, accepted.now);
  return viewComparison({ taskId: task._id, outcome }, false);
}

/** Errors: INVALID_INPUT, MODEL_NOT_OFFERED. */
async function checkModels(ctx: MutationCtx, userId: Id<"users">, models: readonly string[]): Promise<void> {
  if (
    models.length < MIN_COMPARED ||
    models.length > MAX_COMPARED ||
    new Set(models).size !== models.length
  ) {
    throw failure("INVALID_INPUT", `A comparison is of ${MIN_COMPARED} to ${MAX_COMPARED} different models.`);
  }
  for (const model of models) await checkModel(ctx, userId, model);
}
