import { v } from "convex/values";
import { internal } from "./_generated/api";
import { internalMutation, internalQuery } from "./_generated/server";
import {
  adoptInto as adoptIntoModel,
  adoptNext as adoptNextModel,
  guestAccount,
} from "./model/accounts/adoptGuests";
import { recordFailure } from "./model/accounts/audit";
import { checkPassword } from "./model/accounts/credentials";
import {
  endAdoptedSessions as endAdoptedSessionsModel,
  endDevice,
  endOtherSessions,
  forgetTokens as forgetTokensModel,
  listDevices,
  vOpenedBy,
} from "./model/accounts/devices";
import { requireEnabled } from "./model/accounts/disabled";
import { viewDoor, vDoor } from "./model/accounts/door";
import { enterAsOwner as enterAsOwnerModel } from "./model/accounts/enterAsOwner";
import {
  addLink as addLinkModel,
  listInvitations,
  vPurpose,
  withdrawInvitation as withdrawInvitationModel,
} from "./model/accounts/links";
import {
  requirePassword,
  roleOf as roleOfModel,
  setRole as setRoleModel,
  viewMe,
} from "./model/accounts/people";
import { register as registerModel, vRight } from "./model/accounts/register";
import { digestOf, newSecret } from "./model/accounts/secrets";
import {
  beginSignIn as beginSignInModel,
  registerInAction,
  changePassword as changePasswordModel,
  resetPassword as resetPasswordModel,
} from "./model/accounts/signIn";
import { takeTry as takeTryModel, takeTryOf, vShown } from "./model/accounts/tries";
import {
  adminAction,
  adminMutation,
  adminQuery,
  openQuery,
  ownerMutation,
  viewerAction,
  viewerMutation,
  viewerQuery,
} from "./model/functions";
import { findViewerSession } from "./model/sessions/viewer";
import { failure } from "./shared/errors";

const vRole = v.union(v.literal("owner"), v.literal("admin"), v.literal("member"));
const vName = v.union(v.string(), v.null());

/** Who may come in, and how. For pages that nobody has signed in on. */
export const door = openQuery({
  args: {},
  returns: vDoor,
  handler: (ctx) => viewDoor(ctx),
});

/**
 * What the caller is here: a guest, or somebody with an account; `login` is null for an owner whom this machine knows. `isConnected`: an OpenID
 * Connect provider opens their account.
 */
export const me = viewerQuery({
  args: {},
  returns: v.object({
    ...{ role: v.union(vRole, v.literal("guest")), name: vName, login: vName },
    ...{ hasPassword: v.boolean(), isConnected: v.boolean() },
  }),
  handler: (ctx) => viewMe(ctx, ctx.userId),
});

/**
 * Gives the caller an account: a guest who keeps all that they have, or this machine's owner who sets a password. Their session goes on; their
 * others end. Errors: NOT_ALLOWED, WRONG_CODE, LINK_ENDED, NAME_TAKEN, WEAK_PASSWORD, INVALID_INPUT, RATE_LIMITED.
 */
export const makeAccount = viewerAction({
  args: { right: vRight, name: v.string(), login: v.string(), password: v.string() },
  returns: v.null(),
  handler: async (ctx, { right, name, login, password }) => {
    await registerInAction(ctx, { right, name, login, password });
    return null;
  },
});

/** Changes the caller's password, and ends their other sessions. Errors: WRONG_CREDENTIALS, WEAK_PASSWORD, NOT_FOUND, RATE_LIMITED. */
export const changePassword = viewerAction({
  args: { current: v.string(), password: v.string() },
  returns: v.null(),
  handler: async (ctx, { current, password }): Promise<null> => {
    checkPassword(password);
    const passwordHash: string | null = await ctx.runAction(internal.passwords.change, { current, password });
    if (passwordHash === null) throw failure("WRONG_CREDENTIALS", "This is not your password.");
    await ctx.runMutation(internal.accounts.setPassword, { passwordHash });
    return null;
  },
});

/** Where the caller is signed in, most recently used first; at most 100. */
export const devices = viewerQuery({
  args: {},
  returns: v.array(
    v.object({
      _id: v.id("devices"),
      _creationTime: v.number(),
      userAgent: v.union(v.string(), v.null()),
      openedBy: vOpenedBy,
      lastUsedAt: v.number(),
      isThis: v.boolean(),
    }),
  ),
  handler: async (ctx) => listDevices(ctx, ctx.userId, (await findViewerSession(ctx))?.sessionId ?? null),
});

/** Signs one of the caller's devices out, at once. Errors: NOT_FOUND. */
export const signOutDevice = viewerMutation({
  args: { deviceId: v.id("devices") },
  returns: v.null(),
  handler: (ctx, args) => endDevice(ctx, ctx.userId, args.deviceId),
});

/** Signs the caller out everywhere but here. */
export const signOutOthers = viewerMutation({
  args: {},
  returns: v.null(),
  handler: async (ctx) => {
    await endOtherSessions(ctx, ctx.userId, (await findViewerSession(ctx))?.sessionId ?? null);
    return null;
  },
});

/** Invitations that nobody has used, newest first. */
export const invitations = adminQuery({
  args: {},
  returns: v.array(
    v.object({
      _id: v.id("accountLinks"),
      _creationTime: v.number(),
      role: v.union(v.literal("admin"), v.literal("member")),
      expiresAt: v.number(),
    }),
  ),
  handler: (ctx) => listInvitations(ctx),
});

/**
 * Makes an invitation. Returns the secret of its link, `/join#<secret>`, which is told this once. `days`: how long it lasts, 1 to 90; without,
 * seven. Errors: NOT_ALLOWED, INVALID_INPUT.
 */
export const invite = adminAction({
  args: { role: v.union(v.literal("admin"), v.literal("member")), days: v.optional(v.number()) },
  returns: v.string(),
  handler: async (ctx, { role, ...lasts }): Promise<string> => {
    const secret = newSecret();
    const link = { secretDigest: await digestOf(secret), purpose: { kind: "invitation" as const, role } };
    await ctx.runMutation(internal.accounts.addLink, { ...link, ...lasts, madeBy: ctx.userId });
    return secret;
  },
});

/** Takes an invitation back. */
export const withdrawInvitation = adminMutation({
  args: { invitationId: v.id("accountLinks") },
  returns: v.null(),
  handler: (ctx, args) => withdrawInvitationModel(ctx, ctx.userId, args.invitationId),
});

/** Makes a link by which somebody sets a new password, `/reset#<secret>`: an admin for members, the owner for all. Errors: NOT_FOUND, NOT_ALLOWED. */
export const makeResetLink = adminAction({
  args: { userId: v.id("users") },
  returns: v.string(),
  handler: async (ctx, { userId }): Promise<string> => {
    const secret = newSecret();
    const link = { secretDigest: await digestOf(secret), purpose: { kind: "reset" as const, userId } };
    await ctx.runMutation(internal.accounts.addLink, { ...link, madeBy: ctx.userId });
    return secret;
  },
});

/** Makes somebody an admin, or one a member again. Errors: NOT_FOUND, NOT_ALLOWED. */
export const setRole = ownerMutation({
  args: { userId: v.id("users"), role: v.union(v.literal("admin"), v.literal("member")) },
  returns: v.null(),
  handler: (ctx, args) => setRoleModel(ctx, ctx.userId, args),
});

/** For the builders of admins' and the owner's actions. */
export const roleOf = internalQuery({
  args: { userId: v.id("users") },
  returns: v.union(vRole, v.null()),
  handler: (ctx, args) => roleOfModel(ctx, args.userId),
});

/** Stores a link by its secret's digest. Errors: NOT_FOUND, NOT_ALLOWED for a link that would be more than its maker is. */
export const addLink = internalMutation({
  args: {
    ...{ secretDigest: v.string(), purpose: vPurpose, madeBy: v.id("users") },
    days: v.optional(v.number()),
  },
  returns: v.null(),
  handler: (ctx, args) => addLinkModel(ctx, args),
});

/** For `auth.signIn` with provider `owner`. Errors: NOT_ALLOWED. */
export const enterAsOwner = internalMutation({
  args: {},
  returns: v.id("users"),
  handler: (ctx) => enterAsOwnerModel(ctx),
});

/** Pays for a try, and finds the account to compare with. Errors: RATE_LIMITED. */
export const beginSignIn = internalMutation({
  args: { login: v.string() },
  returns: v.union(v.object({ userId: v.id("users"), hash: v.string() }), v.null()),
  handler: (ctx, args) => beginSignInModel(ctx, args.login),
});

/** Pays for a try of the code or of a link, or for a new account. Errors: RATE_LIMITED. */
export const takeTry = internalMutation({
  args: { shown: vShown },
  returns: v.null(),
  handler: async (ctx, args) => {
    await takeTryOf(ctx, args.shown);
    return null;
  },
});

/** Lists that somebody was not let in: see `recordFailure`. */
export const noteFailure = internalMutation({
  args: { login: vName, detail: v.string() },
  returns: v.null(),
  handler: async (ctx, args) => {
    await recordFailure(ctx, args);
    return null;
  },
});

/** The rest of somebody's sessions, where there are many. */
export const endSessions = internalMutation({
  args: { userId: v.id("users"), keep: v.union(v.id("authSessions"), v.null()) },
  returns: v.null(),
  handler: (ctx, args) => endOtherSessions(ctx, args.userId, args.keep),
});

/** The rest of an ended session's refresh tokens. */
export const forgetTokens = internalMutation({
  args: { sessionId: v.id("authSessions") },
  returns: v.null(),
  handler: (ctx, args) => forgetTokensModel(ctx, args.sessionId),
});

/** Makes an account for the caller, or for somebody new. */
export const register = internalMutation({
  args: { right: vRight, name: v.string(), login: v.string(), passwordHash: v.string() },
  returns: v.id("users"),
  handler: async (ctx, args) => registerModel(ctx, await findViewerSession(ctx), args),
});

/** Pays for a try of the caller's own password, and returns its hash. Errors: NOT_FOUND, RATE_LIMITED. */
export const beginChange = internalMutation({
  args: {},
  returns: v.string(),
  handler: async (ctx) => {
    const viewer = await findViewerSession(ctx);
    if (!viewer) throw failure("UNAUTHENTICATED", "Your session has ended.");
    const account = await requirePassword(ctx, viewer.userId);
    await takeTryModel(ctx, account.providerAccountId);
    return account.secret ?? "";
  },
});

/** Sets the caller's password, and ends their other sessions. Errors: UNAUTHENTICATED, NOT_FOUND. */
export const setPassword = internalMutation({
  args: { passwordHash: v.string() },
  returns: v.null(),
  handler: async (ctx, args) => {
    const viewer = await findViewerSession(ctx);
    if (!viewer) throw failure("UNAUTHENTICATED", "Your session has ended.");
    return await changePasswordModel(ctx, viewer, args.passwordHash);
  },
});

/** Sets a new password by a link. Errors: LINK_ENDED. */
export const resetPassword = internalMutation({
  args: { secret: v.string(), passwordHash: v.string() },
  returns: v.id("users"),
  handler: (ctx, args) => resetPasswordModel(ctx, args),
});

/** What the caller has written as a guest goes with them to the account that they sign in to. Errors: ACCOUNT_DISABLED. */
export const bringGuest = internalMutation({
  args: { userId: v.id("users") },
  returns: v.null(),
  handler: async (ctx, { userId }) => {
    // They are refused afterwards, and would have lost what they wrote.
    await requireEnabled(ctx, userId);
    const viewer = await findViewerSession(ctx);
    if (viewer && viewer.userId !== userId && (await guestAccount(ctx, viewer.userId)))
      await ctx.scheduler.runAfter(0, internal.accounts.adoptInto, { guestId: viewer.userId, userId });
    return null;
  },
});

/** One batch of that. */
export const adoptInto = internalMutation({
  args: { guestId: v.id("users"), userId: v.id("users") },
  returns: v.null(),
  handler: (ctx, args) => adoptIntoModel(ctx, args),
});

/**
 * Makes what guests of earlier versions have the owner's, one batch; call it again until it says `done`. `scripts/adoption.ts` does so
 * before a server for this machine alone begins to serve. [G14]
 */
export const adoptNext = internalMutation({
  args: {},
  returns: v.union(v.literal("done"), v.literal("more"), v.literal("later")),
  handler: (ctx) => adoptNextModel(ctx),
});

/** Ends what `adoptNext` has made of guests' sessions, before a server begins to serve other machines. Returns how many; 0: none is left. */
export const endAdoptedSessions = internalMutation({
  args: {},
  returns: v.number(),
  handler: (ctx) => endAdoptedSessionsModel(ctx),
});
