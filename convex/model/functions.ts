import { customAction, customCtx, customMutation, customQuery } from "convex-helpers/server/customFunctions";
import type { Id } from "../_generated/dataModel";
import { action, mutation, query, type ActionCtx, type QueryCtx } from "../_generated/server";
import { internal } from "../_generated/api";
import { failure } from "../shared/errors";
import { ended, refusalOf } from "./accounts/disabled";
import { findPerson, type Role } from "./accounts/people";
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
async function requireRole(ctx: QueryCtx, userId: Id<"users">, roles: readonly Role[]): Promise<Viewer> {
  const person = await findPerson(ctx, userId);
  if (!person || !roles.includes(person.role)) throw failure("NOT_ALLOWED", "Your account may not do this.");
  return { userId };
}

const ADMINS: readonly Role[] = ["owner", "admin"];
const admin = async (ctx: QueryCtx) => requireRole(ctx, (await viewer(ctx)).userId, ADMINS);
const owner = async (ctx: QueryCtx) => requireRole(ctx, (await viewer(ctx)).userId, ["owner"]);

async function adminOfAction(ctx: ActionCtx): Promise<Viewer> {
  const { userId } = await viewerOfAction(ctx);
  const isAdmin: boolean = await ctx.runQuery(internal.accounts.isAdmin, { userId });
  if (!isAdmin) throw failure("NOT_ALLOWED", "Your account may not do this.");
  return { userId };
}

async function ownerOfAction(ctx: ActionCtx): Promise<Viewer> {
  const { userId } = await viewerOfAction(ctx);
  const isOwner: boolean = await ctx.runQuery(internal.accounts.isOwner, { userId });
  if (!isOwner) throw failure("NOT_ALLOWED", "Your account may not do this.");
  return { userId };
}

/** Is this person an admin, or the owner? */
export async function hasAdminRole(ctx: QueryCtx, userId: Id<"users">): Promise<boolean> {
  const person = await findPerson(ctx, userId);
  return person !== null && ADMINS.includes(person.role);
}

/** For admins and the owner. */
export const adminQuery = customQuery(query, customCtx(admin));
export const adminMutation = customMutation(mutation, customCtx(admin));
export const adminAction = customAction(action, customCtx(adminOfAction));
/** For the owner alone. */
export const ownerMutation = customMutation(mutation, customCtx(owner));
export const ownerAction = customAction(action, customCtx(ownerOfAction));

export const viewerQuery = customQuery(query, customCtx(viewer));
export const viewerMutation = customMutation(mutation, customCtx(viewer));
export const viewerAction = customAction(action, customCtx(viewerOfAction));
