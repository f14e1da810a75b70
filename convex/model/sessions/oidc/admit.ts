import { v, type Infer } from "convex/values";
import type { Doc, Id } from "../../../_generated/dataModel";
import type { MutationCtx } from "../../../_generated/server";
import { failure } from "../../../shared/errors";
import { recordAudit } from "../../accounts/audit";
import { endOtherSessions } from "../../accounts/devices";
import { requireEnabled } from "../../accounts/disabled";
import { signUpPolicy } from "../../accounts/doorSettings";
import { findIdentity, findPerson, OIDC } from "../../accounts/people";
import { forgetGuest, grant, ownerHasAccount, type Right } from "../../accounts/register";
import { signUpDomains } from "../../settings";
import { standingOf, type Identity, type Standing } from "./identity";
import { oidcSettings } from "./oidcSettings";

/** `refused` is a value, so that what it ends stays ended: an error would take it back. */
export const vAdmission = v.union(
  v.object({ kind: v.literal("entered"), userId: v.id("users") }),
  v.object({ kind: v.literal("refused") }),
);
export type Admission = Infer<typeof vAdmission>;

type Viewer = { userId: Id<"users">; sessionId: Id<"authSessions"> } | null;

/**
 * The account of somebody whom the provider has named, made if they may have one. It is known by the provider's own name of the person and by
 * nothing else: an e-mail address, verified or not, opens no account that is there. Who has an account already, and wants to open it by the provider
 * too, says so when signed in (`right` `own`). Errors: NOT_ALLOWED, NAME_TAKEN, and those of `grant`.
 */
export async function admit(
  ctx: MutationCtx,
  viewer: Viewer,
  { identity, right }: { identity: Identity; right: Right | null },
): Promise<Admission> {
  const settings = oidcSettings();
  if (settings === null) throw failure("NOT_ALLOWED", "Nobody signs in here by a provider.");
  const standing = await standingHere(ctx, viewer, standingOf(identity, settings), right);
  const known = await ctx.db
    .query("authAccounts")
    .withIndex("providerAndAccountId", (q) =>
      q.eq("provider", OIDC).eq("providerAccountId", identity.accountId),
    )
    .unique();
  if (known) return await enterAgain(ctx, viewer, known, { identity, right, standing });
  if (standing.kind === "refused") return { kind: "refused" };

  const { userId, role } = await placeFor(ctx, viewer, { identity, right, standing });
  await ctx.db.insert("authAccounts", {
    ...{ userId, provider: OIDC, providerAccountId: identity.accountId },
  });
  await describe(ctx, userId, identity);
  await forgetGuest(ctx, userId);
  const person = await findPerson(ctx, userId);
  if (!person) {
    await ctx.db.insert("people", { userId, role: standing.role ?? role });
    await recordAudit(ctx, { kind: "joined", actorId: userId, detail: standing.role ?? role });
  }
  await applyRole(ctx, userId, standing.role);
  return { kind: "entered", userId };
}

/** No group keeps an owner from connecting their account. */
async function standingHere(
  ctx: MutationCtx,
  viewer: Viewer,
  standing: Standing,
  right: Right | null,
): Promise<Standing> {
  if (standing.kind === "welcome" || right?.kind !== "own" || viewer === null) return standing;
  const isOwner = (await findPerson(ctx, viewer.userId))?.role === "owner";
  return isOwner ? { kind: "welcome", isInvited: false, role: null } : standing;
}

type Coming = { identity: Identity; right: Right | null; standing: Standing };

async function enterAgain(
  ctx: MutationCtx,
  viewer: Viewer,
  { userId }: Doc<"authAccounts">,
  { identity, right, standing }: Coming,
): Promise<Admission> {
  if (right?.kind === "own" && userId !== viewer?.userId)
    throw failure("NAME_TAKEN", "This account of the provider belongs to somebody else here.");
  await requireEnabled(ctx, userId);
  const person = await findPerson(ctx, userId);
  if (standing.kind === "refused" && person?.role !== "owner") {
    await endOtherSessions(ctx, userId, null);
    return { kind: "refused" };
  }
  await describe(ctx, userId, identity);
  await applyRole(ctx, userId, standing.kind === "welcome" ? standing.role : null);
  return { kind: "entered", userId };
}

/** Whose the new identity is to be. */
async function placeFor(
  ctx: MutationCtx,
  viewer: Viewer,
  { identity, right, standing }: Coming & { standing: Standing & { kind: "welcome" } },
): Promise<{ userId: Id<"users">; role: Doc<"people">["role"] }> {
  if (right?.kind === "own") {
    const person = viewer && (await findPerson(ctx, viewer.userId));
    const has = viewer && (await findIdentity(ctx, viewer.userId));
    if (!person || has) throw failure("NOT_ALLOWED", "Your account is connected already.");
    return { userId: person.userId, role: person.role };
  }
  if (right !== null && right.kind !== "signUp") return await grant(ctx, viewer?.userId ?? null, right);
  if (!(await ownerHasAccount(ctx)) || !(await maySignUp(ctx, identity, standing.isInvited)))
    throw failure("NOT_ALLOWED", "An account here needs an invitation.");
  return { userId: await newcomer(ctx, viewer), role: "member" };
}

/** The guest who asks, or somebody new: also where this browser is somebody else's, who may be another of its users. */
async function newcomer(ctx: MutationCtx, viewer: Viewer): Promise<Id<"users">> {
  const isGuest = viewer !== null && (await findPerson(ctx, viewer.userId)) === null;
  return isGuest ? viewer.userId : await ctx.db.insert("users", {});
}

const domainOf = (email: string): string => email.slice(email.lastIndexOf("@") + 1);

/** May somebody without a link make an account? By their address only where the provider vouches for it. `isInvited`: by a group. */
async function maySignUp(
  ctx: MutationCtx,
  { email, isEmailVerified }: Identity,
  isInvited: boolean,
): Promise<boolean> {
  switch (await signUpPolicy(ctx)) {
    case "open":
      return true;
    case "closed":
      return false;
    case "invitation":
      return isInvited || (email !== null && isEmailVerified && signUpDomains().includes(domainOf(email)));
  }
}

/** What the provider calls them, as of now. */
async function describe(ctx: MutationCtx, userId: Id<"users">, identity: Identity): Promise<void> {
  const { name, email, isEmailVerified } = identity;
  await ctx.db.patch("users", userId, {
    isAnonymous: undefined,
    ...(name !== null && { name }),
    ...(email !== null && { email, emailVerificationTime: isEmailVerified ? Date.now() : undefined }),
  });
}

/** There is one owner, whom no group makes or unmakes. */
async function applyRole(
  ctx: MutationCtx,
  userId: Id<"users">,
  role: "admin" | "member" | null,
): Promise<void> {
  const person = await findPerson(ctx, userId);
  if (!person || role === null || person.role === "owner" || person.role === role) return;
  await ctx.db.patch("people", person._id, { role });
  await recordAudit(ctx, { kind: "roleChanged", subjectId: userId, detail: role });
}
