import { convexAuth } from "@convex-dev/auth/server";
import { v } from "convex/values";
import { internal } from "./_generated/api";
import { internalMutation, internalQuery } from "./_generated/server";
import {
  forgetOldBudgets,
  takeGuest,
  takeSignIn,
  takeSignInTry,
  takeTriedSignIn,
} from "./model/budgets/budgets";
import { renewSession } from "./model/sessions/renewSession";
import { noteSession } from "./model/sessions/noteSession";
import { providers } from "./model/sessions/providers";
import { personOfSession as personOfSessionModel } from "./model/sessions/viewer";
import { requireEnabled } from "./model/accounts/disabled";
import { guestsAreOn } from "./model/accounts/doorSettings";
import { outerLimit } from "./model/limits/limits";
import { DAY_MS } from "./model/settings";
import { failure } from "./shared/errors";

/** Who may come in by which provider is in `model/accounts/door.ts`. */
export const {
  auth,
  signIn,
  signOut,
  isAuthenticated,
  store: libraryStore,
} = convexAuth({
  providers,
  // At most; `renewSession` knows what the owner has set.
  session: {
    get totalDurationMs() {
      return outerLimit("sessionDays") * DAY_MS;
    },
    get inactiveDurationMs() {
      return outerLimit("sessionDays") * DAY_MS;
    },
  },
});

type StoreArgs = { type: string; refreshToken?: string; [name: string]: unknown };

/**
 * What the library's functions call, by this name, to read and write the database. It takes what a guest and a sign-in cost from the
 * budgets of the address and of the server (errors: RATE_LIMITED, ACCOUNT_DISABLED), and renews a session with each use: by itself the library ends it a
 * fixed time after its beginning. [G14]
 */
export const store = internalMutation({
  // The library's own function checks them.
  args: { args: v.any() },
  returns: v.any(),
  handler: async (ctx, { args }: { args: StoreArgs }): Promise<unknown> => {
    switch (args.type) {
      case "createAccountFromCredentials":
        // The library's only account without a password is a guest's.
        if (!(await guestsAreOn(ctx)))
          throw failure("NOT_ALLOWED", "This server has no guests. Please sign in.");
        await takeGuest(ctx);
        break;
      case "signIn":
        await takeSignIn(ctx);
        await requireEnabled(ctx, args["userId"]);
        break;
      case "refreshSession": {
        const tried = await takeSignInTry(ctx);
        if (!(await renewSession(ctx, args.refreshToken ?? ""))) return null;
        await takeTriedSignIn(ctx, tried);
        break;
      }
    }
    const result: unknown = await ctx.runMutation(internal.auth.libraryStore, { args: args as never });
    await noteSession(ctx, args, result);
    return result;
  },
});

/** Whose the session that a token names is; null if it has ended. For actions, which cannot look themselves. */
export const personOfSession = internalQuery({
  args: { userId: v.string(), sessionId: v.union(v.string(), v.null()) },
  returns: v.union(v.id("users"), v.null()),
  handler: (ctx, args) => personOfSessionModel(ctx, args),
});

/** Deletes what the budgets no longer need; called by a cron. */
export const forgetBudgets = internalMutation({
  args: {},
  returns: v.null(),
  handler: (ctx) => forgetOldBudgets(ctx),
});
