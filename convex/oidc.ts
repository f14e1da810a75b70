import { v } from "convex/values";
import { internalMutation } from "./_generated/server";
import { vRight } from "./model/accounts/register";
import { openAction } from "./model/functions";
import { admit as admitModel, vAdmission } from "./model/sessions/oidc/admit";
import {
  addAttempt as addAttemptModel,
  takeAttempt as takeAttemptModel,
} from "./model/sessions/oidc/attempts";
import { beginOidc } from "./model/sessions/oidc/enter";
import { vIdentity } from "./model/sessions/oidc/identity";
import { findViewerSession } from "./model/sessions/viewer";

/** Signing in by an OpenID Connect provider. Coming back is `auth.signIn` with provider `oidc`. */

const vAttempt = { redirectUri: v.string(), nonce: v.string(), codeVerifier: v.string() };

/**
 * The provider's address to go to, and a secret that this browser shows when it comes back. `origin`: of the page, whose `/oidc` the provider
 * knows. Errors: NOT_ALLOWED, INVALID_INPUT, PROVIDER_FAILED, RATE_LIMITED.
 */
export const begin = openAction({
  args: { origin: v.string() },
  returns: v.object({ url: v.string(), secret: v.string() }),
  handler: (ctx, args) => beginOidc(ctx, args.origin),
});

/** Keeps a sign-in that has begun. Errors: RATE_LIMITED. */
export const addAttempt = internalMutation({
  args: { ...vAttempt, stateDigest: v.string(), secretDigest: v.string() },
  returns: v.null(),
  handler: (ctx, args) => addAttemptModel(ctx, args),
});

/** Uses it up. Errors: SIGN_IN_ENDED. */
export const takeAttempt = internalMutation({
  args: { stateDigest: v.string(), secretDigest: v.string() },
  returns: v.object(vAttempt),
  handler: (ctx, args) => takeAttemptModel(ctx, args),
});

/** The account of somebody whom the provider has named. Errors: NOT_ALLOWED, NAME_TAKEN, WRONG_CODE, LINK_ENDED. */
export const admit = internalMutation({
  args: { identity: vIdentity, right: v.union(vRight, v.null()) },
  returns: vAdmission,
  handler: async (ctx, args) => admitModel(ctx, await findViewerSession(ctx), args),
});
