import { internal } from "../_generated/api";
import type { Id } from "../_generated/dataModel";
import type { ActionCtx } from "../_generated/server";
import { listModels, listedIds, shownOf, type ModelList } from "../providers/listModels";
import { openAsker, type Asker } from "./keys/asker";

/** The models that a person can choose, with the keys that they have. What others may ask too is kept. Errors: RATE_LIMITED. */
export async function listFor(
  ctx: Pick<ActionCtx, "runQuery" | "runMutation">,
  userId: Id<"users">,
): Promise<ModelList> {
  await ctx.runMutation(internal.models.takeList, { userId });
  const self: Asker = await ctx.runQuery(internal.models.asker, { userId });
  const asker = await openAsker(self);
  try {
    const list = await listModels(asker.connected);
    const own = asker.connected.providers.flatMap(({ id, ownKey }) => (ownKey === undefined ? [] : [id]));
    // What a person's own key may use is nobody else's to ask for.
    const lists = listedIds(list).filter(({ provider }) => !own.includes(provider));
    if (lists.length > 0) await ctx.runMutation(internal.models.keepOffered, { lists });
    return shownOf(list, self.shown, own);
  } finally {
    asker.release();
  }
}
