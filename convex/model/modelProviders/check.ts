import { v, type Infer } from "convex/values";
import { internal } from "../../_generated/api";
import type { Id } from "../../_generated/dataModel";
import type { ActionCtx } from "../../_generated/server";
import { listedIds, listOf, listProviders } from "../../providers/listModels";
import { usableWith } from "../../providers/settings";
import { withOpenKeys } from "./added";
import { vProblem } from "../validators";
import type { Added } from "./addedConfig";

/** How a provider is. */
export const vProviderState = v.object({
  id: v.string(),
  /** How many there are to choose from. */
  models: v.number(),
  /** Why its list could not be read, in English; `problem` says it in any language, where it is known. */
  error: v.union(v.string(), v.null()),
  problem: v.optional(vProblem),
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
    return all.map(({ provider: { id }, models, error, problem }) => ({
      ...{ id, models: models.length, error },
      ...(problem && { problem }),
    }));
  } finally {
    release();
  }
}
