import type { Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import type { KeptStep, StoredPart } from "../validators";

/**
 * What a model must be sent again of a step in which it called tools, beside what a person sees of it: where its thoughts were, and what its
 * provider signed or encrypted. Gemini 3, Claude and DeepSeek refuse what a tool gave without it, today or in a week. Thoughts themselves are in
 * the answer's parts; here are their lengths only.
 */

/** Characters of all metadata of one step; one that has more is not kept. The longest that were seen have some 30,000. */
export const MAX_STEP_CHARS = 131_072;

/** Bytes of kept steps that are read for one request. */
const MAX_READ_BYTES = 1024 * 1024;

/** Bytes of a row besides its metadata, at most. */
const ROW_BYTES = 1_000;

/** What may still be read, bytes. */
export type StepRoom = { bytes: number };

export const newStepRoom = (): StepRoom => ({ bytes: MAX_READ_BYTES });

/** Keeps a step of an answer, or what has become of it since. */
export async function keepStep(
  ctx: MutationCtx,
  messageId: Id<"chatMessages">,
  step: KeptStep | undefined,
): Promise<void> {
  if (step === undefined) return;
  const before = await ctx.db
    .query("keptSteps")
    .withIndex("by_message_from", (q) => q.eq("messageId", messageId).eq("from", step.from))
    .unique();
  if (before) await ctx.db.patch("keptSteps", before._id, step);
  else await ctx.db.insert("keptSteps", { messageId, ...step });
}

/** The steps that are kept of an answer, as far as there is room: the newest. In the order of the answer. */
export async function keptStepsOf(
  ctx: QueryCtx,
  messageId: Id<"chatMessages">,
  parts: readonly StoredPart[],
  room: StepRoom,
): Promise<KeptStep[]> {
  if (!parts.some(({ type }) => type === "dynamic-tool")) return [];
  const steps: KeptStep[] = [];
  const rows = ctx.db
    .query("keptSteps")
    .withIndex("by_message_from", (q) => q.eq("messageId", messageId))
    .order("desc");
  for await (const { from, to, model, pieces } of rows) {
    if (room.bytes <= 0) break;
    room.bytes -= ROW_BYTES + pieces.reduce((sum, { metadata = "" }) => sum + metadata.length, 0);
    steps.push({ from, to, model, pieces });
  }
  return steps.reverse();
}
