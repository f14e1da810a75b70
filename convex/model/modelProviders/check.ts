import { v, type Infer } from "convex/values";
import { internal } from "../../_generated/api";
import type { Id } from "../../_generated/dataModel";
import type { ActionCtx } from "../../_generated/server";
import { faultOf, listedIds, listOf, listProviders } from "../../providers/listModels";
import { usableWith } from "../../providers/settings";
import { withOpenKeys } from "./added";
import { vListFault } from "../validators";
import type { Added } from "./addedConfig";

/** How a provider is. */
export const vProviderState = v.object({
  id: v.string(),
  /** How many there are to choose from. */
  models: v.number(),
  ...vListFault,
});

/** Asks all providers for their models with the server's keys, and keeps the lists. Errors: RATE_LIMITED. */
export async function checkProviders(
  ctx: Pick<ActionCtx, "runQuery" | "runMutation">,
  userId: Id<"users">,
): Promise<Infer<typeof vProviderState>[]> {
  await ctx.runMutation(internal.models.takeList, { userId });
  const added: Added[] = await ctx.runQuery(internal.modelProviders.added, {});
  const { connected, release } = await withOpenKeys(added);
  try {
    const all = await listProviders(usableWith(connected).providers);
    const lists = listedIds(listOf(all));
    if (lists.length > 0) await ctx.runMutation(internal.models.keepOffered, { lists });
    return all.map((list) => ({ id: list.provider.id, models: list.models.length, ...faultOf(list) }));
  } finally {
    release();
  }
}
