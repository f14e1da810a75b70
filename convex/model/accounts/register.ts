import { v, type Infer } from "convex/values";
import type { Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { plainLine } from "../../shared/plainLine";
import { cutText } from "../../shared/text";
import { localOwnerIsOn, setupCode } from "../settings";
import { recordAudit } from "./audit";
import { endOtherSessions } from "./devices";
import { signUpPolicy } from "./doorSettings";
import { useLink } from "./links";
import { newLoginOf } from "./credentials";
import { findPassword } from "./findPassword";
import { findIdentity, findOwner, findPerson, hasPassword, type Role } from "./people";
import { digestOf } from "./secrets";

/**
 * By what right somebody makes an account. `setUp`: they know the code that the server printed, and become its owner. `invitation`: they have a
 * link. `signUp`: the server lets anybody. `own`: they are the owner by this machine, and set a password.
 */
export const vRight = v.union(
  v.object({ kind: v.literal("setUp"), code: v.string() }),
  v.object({ kind: v.literal("invitation"), secret: v.string() }),
  v.object({ kind: v.literal("signUp") }),
  v.object({ kind: v.literal("own") }),
);
export type Right = Infer<typeof vRight>;

export type NewAccount = { right: Right; name: string; login: string; passwordHash: string };

/**
 * Makes an account. A guest who makes one keeps all that they have: it is their own user that gets it. `viewerId`: who asks, if they
 * have a session. Errors: NOT_ALLOWED, WRONG_CODE, LINK_ENDED, NAME_TAKEN, INVALID_INPUT.
 */
export async function register(
  ctx: MutationCtx,
  viewer: { userId: Id<"users">; sessionId: Id<"authSessions"> } | null,
  account: NewAccount,
): Promise<Id<"users">> {
  const login = newLoginOf(account.login);
  const isTaken = await ctx.db
    .query("authAccounts")
    .withIndex("providerAndAccountId", (q) => q.eq("provider", "password").eq("providerAccountId", login))
    .first();
  const viewerId = viewer?.userId ?? null;
  const { userId, role } = await grant(ctx, viewerId, account.right);
  if (isTaken) throw failure("NAME_TAKEN", "This name is taken. Please choose another one.");
  await ctx.db.insert("authAccounts", {
    userId,
    provider: "password",
    providerAccountId: login,
    secret: account.passwordHash,
  });
  const name = cutText(plainLine(account.name), MAX_NAME_CHARS);
  await ctx.db.patch("users", userId, {
    isAnonymous: undefined,
    ...(name !== "" && { name }),
    ...(login.includes("@") && { email: login }),
  });
  await forgetGuest(ctx, userId);
  const isNew = !(await findPerson(ctx, userId));
  if (isNew) await ctx.db.insert("people", { userId, role });
  await recordAudit(ctx, {
    kind: isNew ? "joined" : "passwordChanged",
    actorId: userId,
    detail: isNew ? role : null,
  });
  // Whoever was in without a password is out.
  await endOtherSessions(ctx, userId, viewer?.userId === userId ? viewer.sessionId : null);
  return userId;
}

const MAX_NAME_CHARS = 100;

/** Whose account it becomes, and with which role. Errors: NOT_ALLOWED, WRONG_CODE, LINK_ENDED. */
export async function grant(
  ctx: MutationCtx,
  viewerId: Id<"users"> | null,
  right: Right,
): Promise<{ userId: Id<"users">; role: Role }> {
  switch (right.kind) {
    case "setUp":
      return { userId: await grantByCode(ctx, viewerId, right.code), role: "owner" };
    case "invitation": {
      if ((await signUpPolicy(ctx)) === "closed")
        throw failure("NOT_ALLOWED", "Nobody can make an account here at present.");
      const { purpose } = await useLink(ctx, right.secret, "invitation");
      return { userId: await newcomer(ctx, viewerId), role: purpose.role };
    }
    case "signUp":
      if ((await signUpPolicy(ctx)) !== "open" || !(await ownerHasAccount(ctx)))
        throw failure("NOT_ALLOWED", "An account here needs an invitation.");
      return { userId: await newcomer(ctx, viewerId), role: "member" };
    case "own": {
      const person = viewerId && (await findPerson(ctx, viewerId));
      if (!person || !localOwnerIsOn() || (await hasPassword(ctx, person.userId)))
        throw failure("NOT_ALLOWED", "This account has a password already.");
      return { userId: person.userId, role: person.role };
    }
    default:
      return right satisfies never;
  }
}

/** The code is for one use: after it the owner has a password. The chats of a machine's owner, or of the guest who asks, become theirs. */
async function grantByCode(
  ctx: MutationCtx,
  viewerId: Id<"users"> | null,
  code: string,
): Promise<Id<"users">> {
  const expected = setupCode();
  if (expected === null || (await ownerHasAccount(ctx)))
    throw failure("NOT_ALLOWED", "This server has its owner already.");
  if (!(await isSameCode(code, expected)))
    throw failure("WRONG_CODE", "This is not the code that the server has printed.");
  const owner = await findOwner(ctx);
  return owner?.userId ?? (await newcomer(ctx, viewerId));
}

/** Characters of a code that nobody guesses: as many as one that the server makes has (`scripts/setupCode.ts`). */
const UNGUESSABLE_CHARS = 16;

/** Is this the set-up code, and one that nobody can have guessed? */
export async function isUnguessableCode(code: string): Promise<boolean> {
  const expected = setupCode();
  if (expected === null || plainCode(expected).length < UNGUESSABLE_CHARS) return false;
  return await isSameCode(code, expected);
}

const isSameCode = async (code: string, expected: string): Promise<boolean> =>
  (await digestOf(plainCode(code))) === (await digestOf(plainCode(expected)));

/** As it may be typed from a screen. */
const plainCode = (code: string): string => code.toUpperCase().replace(/[^A-Z0-9]/g, "");

/** Has somebody set this server up? */
export async function ownerHasAccount(ctx: QueryCtx): Promise<boolean> {
  const owner = await findOwner(ctx);
  if (owner === null) return false;
  return ((await findPassword(ctx, owner.userId)) ?? (await findIdentity(ctx, owner.userId))) !== null;
}

/** The guest who asks, or somebody new. */
async function newcomer(ctx: MutationCtx, viewerId: Id<"users"> | null): Promise<Id<"users">> {
  if (viewerId === null) return await ctx.db.insert("users", {});
  if (await findPerson(ctx, viewerId)) throw failure("NOT_ALLOWED", "You have an account already.");
  return viewerId;
}

/** They are no guest any more: adoption passes them by. */
export async function forgetGuest(ctx: MutationCtx, userId: Id<"users">): Promise<void> {
  const guest = await ctx.db
    .query("authAccounts")
    .withIndex("userIdAndProvider", (q) => q.eq("userId", userId).eq("provider", "anonymous"))
    .unique();
  if (guest) await ctx.db.delete("authAccounts", guest._id);
}
