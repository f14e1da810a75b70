import { v, type Infer } from "convex/values";
import type { Id } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { chunkRange } from "../messages/content";
import { vEndReason } from "../validators";

/** Rows in one page: half a megabyte of text at most, since a flush carries 8 Ki characters. */
const MAX_ROWS = 64;

/** A stretch of an answer's log: of its text only, in the log's order. */
export const vAnswerPage = v.object({
  /** These fragments begin at the answer's beginning, whatever row was asked for: older rows are folded into the message. */
  fromBeginning: v.boolean(),
  texts: v.array(v.object({ position: v.number(), text: v.string() })),
  /** The row to ask for next. */
  next: v.number(),
  /** There were more rows than fit. */
  more: v.boolean(),
  /** Null while the answer is live. */
  end: v.union(v.object({ endReason: vEndReason, errorMessage: v.union(v.string(), v.null()) }), v.null()),
});
export type AnswerPage = Infer<typeof vAnswerPage>;

/** Reads on from row `from`: what was read before is not read again, so that following an answer costs what it has. [G10] */
export async function readAnswer(
  ctx: QueryCtx,
  args: { userId: Id<"users">; messageId: Id<"chatMessages">; from: number },
): Promise<AnswerPage | null> {
  const message = await ctx.db.get("chatMessages", args.messageId);
  if (message?.userId !== args.userId) return null;
  const fromBeginning = args.from < message.inlinedChunks;
  const first = Math.max(args.from, message.inlinedChunks);
  const rows = await chunkRange(ctx, message._id, first, Number.MAX_SAFE_INTEGER).take(MAX_ROWS);
  const fragments = [...(fromBeginning ? message.parts : []), ...rows.flatMap((row) => row.parts)];
  return {
    fromBeginning,
    texts: fragments.flatMap((part) =>
      part.type === "text" ? [{ position: part.position, text: part.text }] : [],
    ),
    next: (rows.at(-1)?.index ?? first - 1) + 1,
    more: rows.length === MAX_ROWS,
    end:
      message.endReason === undefined
        ? null
        : { endReason: message.endReason, errorMessage: message.errorMessage ?? null },
  };
}
