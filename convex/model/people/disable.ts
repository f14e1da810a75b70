import type { Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { recordAudit } from "../accounts/audit";
import { endOtherSessions } from "../accounts/devices";
import { requireSubordinate } from "./authority";
import { stopRunsOf } from "./stopRuns";

/**
 * Keeps somebody out, or lets them in again. What is theirs stays. Their sessions end at once in all their live queries, and their live
 * runs are stopped. Errors: NOT_FOUND, NOT_ALLOWED.
 */
export async function setDisabled(
  ctx: MutationCtx,
  adminId: Id<"users">,
  { userId, disabled }: { userId: Id<"users">; disabled: boolean },
): Promise<null> {
  const person = await requireSubordinate(ctx, adminId, userId);
  if ((person.disabledAt !== undefined) === disabled) return null;
  await ctx.db.patch("people", person._id, { disabledAt: disabled ? Date.now() : undefined });
  await recordAudit(ctx, { kind: disabled ? "disabled" : "enabled", actorId: adminId, subjectId: userId });
  if (!disabled) return null;
  await endOtherSessions(ctx, userId, null);
  return await stopRunsOf(ctx, userId);
}
