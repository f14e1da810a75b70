import { Anonymous } from "@convex-dev/auth/providers/Anonymous";
import { convexAuth } from "@convex-dev/auth/server";
import { v } from "convex/values";
import { internal } from "./_generated/api";
import { internalMutation, internalQuery } from "./_generated/server";
import { forgetOldBudgets, takeGuest, takeSignIn } from "./model/budgets/budgets";
import { renewSession } from "./model/sessions/renewSession";
import { isSessionOf } from "./model/sessions/viewer";
import { sessionMs } from "./model/settings";

/** Opening the page makes a guest: nothing is asked. Accounts can be added as further providers. */
export const {
  auth,
  signIn,
  signOut,
  isAuthenticated,
  store: libraryStore,
} = convexAuth({
  providers: [Anonymous],
  session: {
    get totalDurationMs() {
      return sessionMs();
    },
    get inactiveDurationMs() {
      return sessionMs();
    },
  },
});

type StoreArgs = { type: string; refreshToken?: string; [name: string]: unknown };

/**
 * What the library's functions call, by this name, to read and write the database. It takes what a guest and a sign-in cost from the
 * budgets of the address and of the server (errors: RATE_LIMITED), and renews a session with each use: by itself the library ends it a
 * fixed time after its beginning. [G14]
 */
export const store = internalMutation({
  // The library's own function checks them.
  args: { args: v.any() },
  returns: v.any(),
  handler: async (ctx, { args }: { args: StoreArgs }): Promise<unknown> => {
    switch (args.type) {
      case "createAccountFromCredentials":
        await takeGuest(ctx);
        break;
      case "signIn":
        await takeSignIn(ctx);
        break;
      case "refreshSession":
        await takeSignIn(ctx);
        if (!(await renewSession(ctx, args.refreshToken ?? ""))) return null;
        break;
    }
    return await ctx.runMutation(internal.auth.libraryStore, { args: args as never });
  },
});

/** Is the session that a token names still there, and this person's? For actions, which cannot look themselves. */
export const isLiveSession = internalQuery({
  args: { userId: v.string(), sessionId: v.union(v.string(), v.null()) },
  returns: v.boolean(),
  handler: (ctx, args) => isSessionOf(ctx, args),
});

/** Deletes what the budgets no longer need; called by a cron. */
export const forgetBudgets = internalMutation({
  args: {},
  returns: v.null(),
  handler: (ctx) => forgetOldBudgets(ctx),
});
