import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { plainLine } from "../../shared/plainLine";
import { recordAudit } from "./audit";
import { findPassword } from "./findPassword";

/** Who has an account here, and what they may do. A guest has no row in `people`: they have their own chats and nothing else. */

export type Role = Doc<"people">["role"];

export async function findPerson(ctx: QueryCtx, userId: Id<"users">): Promise<Doc<"people"> | null> {
  return await ctx.db
    .query("people")
    .withIndex("by_user", (q) => q.eq("userId", userId))
    .unique();
}

/** Null for a guest. */
export const roleOf = async (ctx: QueryCtx, userId: Id<"users">): Promise<Role | null> =>
  (await findPerson(ctx, userId))?.role ?? null;

/** The person whose server it is; null until they have come in for the first time. */
export async function findOwner(ctx: QueryCtx): Promise<Doc<"people"> | null> {
  return await ctx.db
    .query("people")
    .withIndex("by_role", (q) => q.eq("role", "owner"))
    .unique();
}

/** The owner's user, made if need be: an account without a password, which this machine alone opens. */
export async function ownerId(ctx: MutationCtx): Promise<Id<"users">> {
  const owner = await findOwner(ctx);
  if (owner) return owner.userId;
  const userId = await ctx.db.insert("users", {});
  await ctx.db.insert("people", { userId, role: "owner" });
  return userId;
}

/** The library's provider of accounts that an OpenID Connect provider opens. */
export const OIDC = "oidc";

/** Has anybody an account that they sign in to? Then nobody comes in without one, at this machine either. */
export async function hasAccounts(ctx: QueryCtx): Promise<boolean> {
  for (const provider of ["password", OIDC]) {
    const account = await ctx.db
      .query("authAccounts")
      .withIndex("providerAndAccountId", (q) => q.eq("provider", provider))
      .first();
    if (account) return true;
  }
  return false;
}

/** Has this person an account with a password? */
export async function hasPassword(ctx: QueryCtx, userId: Id<"users">): Promise<boolean> {
  return (await findPassword(ctx, userId)) !== null;
}

/** The library's row by which an OpenID Connect provider opens a person's account. */
export async function findIdentity(ctx: QueryCtx, userId: Id<"users">): Promise<Doc<"authAccounts"> | null> {
  return await ctx.db
    .query("authAccounts")
    .withIndex("userIdAndProvider", (q) => q.eq("userId", userId).eq("provider", OIDC))
    .unique();
}

/** A person as they, and admins, see them. */
export async function viewPerson(ctx: QueryCtx, { userId, role, _creationTime }: Doc<"people">) {
  const user = await ctx.db.get("users", userId);
  const password = await findPassword(ctx, userId);
  const identity = await findIdentity(ctx, userId);
  const name = plainLine(user?.name ?? "") || null;
  const atProvider = identity && (user?.email ?? name ?? identity.providerAccountId);
  const login = password?.providerAccountId ?? atProvider;
  return { userId, role, name, login, since: _creationTime };
}

/** What the caller is here. */
export async function viewMe(ctx: QueryCtx, userId: Id<"users">) {
  const person = await findPerson(ctx, userId);
  if (!person)
    return { role: "guest" as const, name: null, login: null, hasPassword: false, isConnected: false };
  const { role, name, login } = await viewPerson(ctx, person);
  const isConnected = (await findIdentity(ctx, userId)) !== null;
  return { role, name, login, hasPassword: await hasPassword(ctx, userId), isConnected };
}

/** Makes somebody an admin, or one a member again. Errors: NOT_FOUND; NOT_ALLOWED for the owner, of whom there is one. */
export async function setRole(
  ctx: MutationCtx,
  ownerId: Id<"users">,
  args: { userId: Id<"users">; role: "admin" | "member" },
): Promise<null> {
  const person = await findPerson(ctx, args.userId);
  if (!person) throw failure("NOT_FOUND", "This person has no account here.");
  if (person.role === "owner") throw failure("NOT_ALLOWED", "The owner stays the owner.");
  if (person.role === args.role) return null;
  await ctx.db.patch("people", person._id, { role: args.role });
  await recordAudit(ctx, {
    ...{ kind: "roleChanged", actorId: ownerId, subjectId: args.userId },
    detail: `${person.role} > ${args.role}`,
  });
  return null;
}

/** Errors: NOT_FOUND. */
export async function requirePassword(ctx: QueryCtx, userId: Id<"users">): Promise<Doc<"authAccounts">> {
  const account = await findPassword(ctx, userId);
  if (!account) throw failure("NOT_FOUND", "This account has no password.");
  return account;
}
