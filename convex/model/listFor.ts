import { internal } from "../_generated/api";
import type { Id } from "../_generated/dataModel";
import type { ActionCtx } from "../_generated/server";
import { listModels, listedIds, type ModelList } from "../providers/listModels";
import { openAsker } from "./keys/asker";

/** The models that a person can choose, with the keys that they have. What others may ask too is kept. Errors: RATE_LIMITED. */
export async function listFor(
  ctx: Pick<ActionCtx, "runQuery" | "runMutation">,
  userId: Id<"users">,
): Promise<ModelList> {
  await ctx.runMutation(internal.models.takeList, { userId });
  const keys = await ctx.runQuery(internal.keys.stored, { userId });
  const asker = await openAsker({ userId, keys, mayAsk: true });
  try {
    const list = await listModels(asker.own);
    // What a person's own key may use is nobody else's to ask for.
    const lists = listedIds(list).filter(({ provider }) => !asker.own.has(provider));
    if (lists.length > 0) await ctx.runMutation(internal.models.keepOffered, { lists });
    return list;
  } finally {
    asker.release();
  }
}
