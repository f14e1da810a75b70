import { customAction, customCtx, customMutation, customQuery } from "convex-helpers/server/customFunctions";
import type { Id } from "../_generated/dataModel";
import { action, mutation, query, type ActionCtx, type QueryCtx } from "../_generated/server";
import { internal } from "../_generated/api";
import { failure } from "../shared/errors";
import { ended, refusalOf } from "./accounts/disabled";
import { roleOf, type Role } from "./accounts/people";
import { findViewer, findViewerInAction } from "./sessions/viewer";

/**
 * The only way to register a public function, but `openQuery` and `openAction`: each finds its viewer here, before its handler runs, and gets them as
 * `ctx.userId`. `tests/convex/access.test.ts` proves that no public function is made otherwise.
 */
async function viewer(ctx: QueryCtx): Promise<Viewer> {
  const userId = await findViewer(ctx);
  if (userId === null) throw await refusalOf(ctx);
  return { userId };
}

async function viewerOfAction(ctx: ActionCtx): Promise<Viewer> {
  const userId = await findViewerInAction(ctx);
  if (userId === null) throw ended();
  return { userId };
}

type Viewer = { userId: Id<"users"> };

/** For pages that nobody has signed in on: it may say nothing about any person. */
export const openQuery = customQuery(
  query,
  customCtx(() => ({})),
);

/** The same, for what they do there: it is paid for from the address's budget. */
export const openAction = customAction(
  action,
  customCtx(() => ({})),
);

/** Errors: NOT_ALLOWED, for whoever has none of these roles. A role lets nobody read the chats of others. */
function withOneOf(roles: readonly Role[], userId: Id<"users">, role: Role | null): Viewer {
  if (role === null || !roles.includes(role)) throw failure("NOT_ALLOWED", "Your account may not do this.");
  return { userId };
}

const ADMINS: readonly Role[] = ["owner", "admin"];
const OWNER: readonly Role[] = ["owner"];
const withRole =
  (roles: readonly Role[]) =>
  async (ctx: QueryCtx): Promise<Viewer> => {
    const { userId } = await viewer(ctx);
    return withOneOf(roles, userId, await roleOf(ctx, userId));
  };

const withRoleInAction =
  (roles: readonly Role[]) =>
  async (ctx: ActionCtx): Promise<Viewer> => {
    const { userId } = await viewerOfAction(ctx);
    const role: Role | null = await ctx.runQuery(internal.accounts.roleOf, { userId });
    return withOneOf(roles, userId, role);
  };

/** For admins and the owner. */
export const adminQuery = customQuery(query, customCtx(withRole(ADMINS)));
export const adminMutation = customMutation(mutation, customCtx(withRole(ADMINS)));
export const adminAction = customAction(action, customCtx(withRoleInAction(ADMINS)));
/** For the owner alone. */
export const ownerMutation = customMutation(mutation, customCtx(withRole(OWNER)));
export const ownerAction = customAction(action, customCtx(withRoleInAction(OWNER)));

export const viewerQuery = customQuery(query, customCtx(viewer));
export const viewerMutation = customMutation(mutation, customCtx(viewer));
export const viewerAction = customAction(action, customCtx(viewerOfAction));
