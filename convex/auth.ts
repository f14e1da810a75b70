import { Anonymous } from "@convex-dev/auth/providers/Anonymous";
import { convexAuth } from "@convex-dev/auth/server";
import { v } from "convex/values";
import { internal } from "./_generated/api";
import { internalMutation } from "./_generated/server";
import { renewSession } from "./model/sessions/renewSession";
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

/**
 * What the library's functions call, by this name, to read and write the database. The library ends a session a fixed time after its
 * beginning; here it is renewed with each use. [G14]
 */
export const store = internalMutation({
  // The library's own function checks them.
  args: { args: v.any() },
  returns: v.any(),
  handler: async (ctx, { args }: { args: { type: string; refreshToken?: string } }): Promise<unknown> => {
    if (args.type === "refreshSession" && !(await renewSession(ctx, args.refreshToken ?? ""))) return null;
    return await ctx.runMutation(internal.auth.libraryStore, { args: args as never });
  },
});
