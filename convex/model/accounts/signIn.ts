import { internal } from "../../_generated/api";
import type { Id } from "../../_generated/dataModel";
import type { ActionCtx, MutationCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { revokeAllTokens } from "../apiTokens/apiTokens";
import { recordAudit, recordOwnAudit } from "./audit";
import { checkPassword, loginOf, newLoginOf } from "./credentials";
import { endOtherSessions } from "./devices";
import { useLink } from "./links";
import { notingRefusal } from "./notingRefusal";
import { requirePassword } from "./people";
import type { Right } from "./register";
import { takeTry } from "./tries";

/** What `auth.signIn` with provider `password` takes, by `flow`. */
export type Entry =
  | { flow: "signIn"; login: string; password: string }
  | { flow: "register"; right: Right; name: string; login: string; password: string }
  | { flow: "reset"; secret: string; password: string };

/** Whose account and password it is. Errors: WRONG_CREDENTIALS, ACCOUNT_DISABLED, RATE_LIMITED and those of `register`. */
export async function enterByPassword(ctx: ActionCtx, entry: Entry): Promise<Id<"users">> {
  switch (entry.flow) {
    case "signIn": {
      const login = loginOf(entry.login);
      const { password } = entry;
      const userId: Id<"users"> | null = await ctx.runAction(internal.passwords.verify, { login, password });
      if (userId === null) {
        await ctx.runMutation(internal.accounts.noteFailure, { login, detail: "password" });
        throw failure("WRONG_CREDENTIALS", "The name or the password is wrong.");
      }
      await notingRefusal(ctx, () => ctx.runMutation(internal.accounts.bringGuest, { userId }), { login });
      return userId;
    }
    case "register":
      return await registerInAction(ctx, entry);
    case "reset": {
      checkPassword(entry.password);
      const { secret, password } = entry;
      const shown = { kind: "reset" as const, secret };
      const passwordHash = await ctx.runAction(internal.passwords.hash, { shown, password });
      const reset = { secret, passwordHash };
      return await notingRefusal<Id<"users">>(ctx, () =>
        ctx.runMutation(internal.accounts.resetPassword, reset),
      );
    }
    default:
      return entry satisfies never;
  }
}

/** Makes an account for the caller, who may be a guest. Errors: those of `register`, WEAK_PASSWORD, RATE_LIMITED. */
export async function registerInAction(
  ctx: ActionCtx,
  { right, name, login, password }: Omit<Extract<Entry, { flow: "register" }>, "flow">,
): Promise<Id<"users">> {
  newLoginOf(login);
  checkPassword(password);
  const passwordHash = await ctx.runAction(internal.passwords.hash, { shown: right, password });
  const account = { right, name, login, passwordHash };
  return await notingRefusal<Id<"users">>(ctx, () => ctx.runMutation(internal.accounts.register, account));
}

export type Account = { userId: Id<"users">; hash: string };

/** Pays for a try, and finds what to compare with. */
export async function beginSignIn(ctx: MutationCtx, login: string): Promise<Account | null> {
  await takeTry(ctx, login);
  const account = await ctx.db
    .query("authAccounts")
    .withIndex("providerAndAccountId", (q) => q.eq("provider", "password").eq("providerAccountId", login))
    .unique();
  return account?.secret === undefined ? null : { userId: account.userId, hash: account.secret };
}

/** Sets a new password by a link, and ends all sessions and tokens: whoever knew the old one is out. Errors: LINK_ENDED. */
export async function resetPassword(
  ctx: MutationCtx,
  args: { secret: string; passwordHash: string },
): Promise<Id<"users">> {
  const { userId } = (await useLink(ctx, args.secret, "reset")).purpose;
  await setPassword(ctx, userId, args.passwordHash, null);
  await recordAudit(ctx, { kind: "passwordReset", actorId: userId });
  await revokeAllTokens(ctx, userId);
  return userId;
}

/** Sets a person's own new password, and ends their other sessions. Errors: NOT_FOUND. */
export async function changePassword(
  ctx: MutationCtx,
  { userId, sessionId }: { userId: Id<"users">; sessionId: Id<"authSessions"> },
  passwordHash: string,
): Promise<null> {
  await setPassword(ctx, userId, passwordHash, sessionId);
  await recordOwnAudit(ctx, userId, { kind: "passwordChanged" });
  return null;
}

/** Replaces a person's password, and ends their sessions but `keep`. Errors: NOT_FOUND. */
async function setPassword(
  ctx: MutationCtx,
  userId: Id<"users">,
  passwordHash: string,
  keep: Id<"authSessions"> | null,
): Promise<void> {
  const account = await requirePassword(ctx, userId);
  await ctx.db.patch("authAccounts", account._id, { secret: passwordHash });
  await endOtherSessions(ctx, userId, keep);
}
