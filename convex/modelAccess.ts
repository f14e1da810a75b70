import { v } from "convex/values";
import { adminQuery, ownerMutation } from "./model/functions";
import { readModelAccess, setModelAccess, vModelAccess, vModelAudience } from "./model/modelAccess";

/** Which models are there for guests, members and admins. Errors: NOT_ALLOWED. */
export const settings = adminQuery({
  args: {},
  returns: v.array(vModelAccess),
  handler: (ctx) => readModelAccess(ctx),
});

/**
 * Shows these models to an audience, by names with `*` for any text; null: all. It counts from the next message on. Errors: INVALID_INPUT;
 * NOT_ALLOWED, also for what the environment sets.
 */
export const setFor = ownerMutation({
  args: { audience: vModelAudience, show: v.union(v.array(v.string()), v.null()) },
  returns: v.null(),
  handler: (ctx, args) => setModelAccess(ctx, ctx.userId, args),
});
