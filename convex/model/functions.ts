import { getAuthUserId } from "@convex-dev/auth/server";
import { customAction, customCtx, customMutation, customQuery } from "convex-helpers/server/customFunctions";
import type { Auth } from "convex/server";
import type { Id } from "../_generated/dataModel";
import { action, mutation, query } from "../_generated/server";
import { failure } from "../shared/errors";

/**
 * The only way to register a public function: each finds its viewer here, before its handler runs, and gets them as
 * `ctx.userId`. `tests/convex/access.test.ts` proves that no public function is made otherwise.
 */
async function viewer(ctx: { auth: Auth }): Promise<{ userId: Id<"users"> }> {
  const userId = await getAuthUserId(ctx);
  if (userId === null) throw failure("UNAUTHENTICATED", "Your session has ended. Please reload the page.");
  return { userId };
}

export const viewerQuery = customQuery(query, customCtx(viewer));
export const viewerMutation = customMutation(mutation, customCtx(viewer));
export const viewerAction = customAction(action, customCtx(viewer));
