import { v, type Infer } from "convex/values";
import type { Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { recordAudit } from "../accounts/audit";
import { findRow, limitInForce, LIMITS, vLimitName, vLimitUnit, type LimitName } from "./limits";

/** A limit as the owner's page shows it. */
export const vShownLimit = v.object({
  name: vLimitName,
  variable: v.string(),
  unit: vLimitUnit,
  value: v.number(),
  setBy: v.union(v.literal("environment"), v.literal("owner"), v.literal("default")),
  /** What the owner may set, whole numbers; null: nothing. */
  range: v.union(v.object({ least: v.number(), most: v.number() }), v.null()),
});

/** All limits, as they hold now. */
export const listLimits = (ctx: QueryCtx): Promise<Infer<typeof vShownLimit>[]> =>
  Promise.all(
    (Object.keys(LIMITS) as LimitName[]).map(async (name) => {
      const { variable, unit } = LIMITS[name];
      return { name, variable, unit, ...(await limitInForce(ctx, name)) };
    }),
  );

/**
 * Sets a limit; null: the environment's holds again, else the default. Errors: INVALID_INPUT for what is out of its range; NOT_ALLOWED for a
 * limit that only the environment sets.
 */
export async function setLimit(
  ctx: MutationCtx,
  ownerId: Id<"users">,
  { name, value }: { name: LimitName; value: number | null },
): Promise<null> {
  const { range } = await limitInForce(ctx, name);
  if (range === null)
    throw failure("NOT_ALLOWED", `${LIMITS[name].variable} sets this where the server is started.`);
  const { least, most } = range;
  if (value !== null && (!Number.isInteger(value) || value < least || value > most))
    throw failure("INVALID_INPUT", `This limit is a whole number from ${least} to ${most}.`);
  const row = await findRow(ctx, name);
  if (row && value === null) await ctx.db.delete("limitSettings", row._id);
  else if (row && value !== null) await ctx.db.patch("limitSettings", row._id, { value });
  else if (value !== null) await ctx.db.insert("limitSettings", { name, value });
  const detail = `${name}=${value ?? "default"}`;
  await recordAudit(ctx, { kind: "limitChanged", actorId: ownerId, detail });
  return null;
}
