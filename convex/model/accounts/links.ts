import { v, type Infer } from "convex/values";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { DAY_MS } from "../settings";
import { recordAudit } from "./audit";
import { signUpPolicy } from "./doorSettings";
import { findPerson, requirePassword } from "./people";
import { digestOf } from "./secrets";

/** Links that let somebody in once: an invitation, and a way to set a new password. They end by their use, by time, or by an admin. */

export const vPurpose = v.union(
  v.object({ kind: v.literal("invitation"), role: v.union(v.literal("admin"), v.literal("member")) }),
  v.object({ kind: v.literal("reset"), userId: v.id("users") }),
);
export type Purpose = Infer<typeof vPurpose>;
type Link<Kind extends Purpose["kind"]> = Doc<"accountLinks"> & { purpose: Extract<Purpose, { kind: Kind }> };

/** How long a link lasts, days, unless its maker says otherwise. */
const LINK_DAYS = { invitation: 7, reset: 1 } satisfies Record<Purpose["kind"], number>;

const MAX_INVITATION_DAYS = 90;

/** Links that are open at once, of all admins: a team's. */
const MAX_LINKS = 200;

/**
 * Stores a link by its secret's digest. Errors: INVALID_INPUT when there are too many; NOT_FOUND; NOT_ALLOWED for one that would give its
 * maker more than they have: an admin makes no admins, and gets at no account of an admin or the owner. `days`: how long an invitation lasts.
 */
export async function addLink(
  ctx: MutationCtx,
  { days, ...link }: { secretDigest: string; purpose: Purpose; madeBy: Id<"users">; days?: number },
): Promise<null> {
  await checkMaker(ctx, link);
  const lasts = days ?? LINK_DAYS[link.purpose.kind];
  if (!(lasts >= 1 && lasts <= MAX_INVITATION_DAYS))
    throw failure("INVALID_INPUT", `An invitation lasts from 1 to ${MAX_INVITATION_DAYS} days.`);
  const now = Date.now();
  const open = await ctx.db.query("accountLinks").take(MAX_LINKS);
  for (const { _id, expiresAt } of open) if (expiresAt < now) await ctx.db.delete("accountLinks", _id);
  if (open.length === MAX_LINKS && open.every(({ expiresAt }) => expiresAt >= now))
    throw failure("INVALID_INPUT", `There are ${MAX_LINKS} open links already. Withdraw some first.`);
  await ctx.db.insert("accountLinks", { ...link, expiresAt: now + lasts * DAY_MS });
  const { purpose, madeBy: actorId } = link;
  if (purpose.kind === "invitation")
    await recordAudit(ctx, { kind: "invited", actorId, detail: purpose.role });
  else await recordAudit(ctx, { kind: "resetLinkMade", actorId, subjectId: purpose.userId });
  return null;
}

async function checkMaker(ctx: QueryCtx, link: { purpose: Purpose; madeBy: Id<"users"> }): Promise<void> {
  const { purpose, madeBy } = link;
  if (purpose.kind === "invitation" && (await signUpPolicy(ctx)) === "closed")
    throw failure("NOT_ALLOWED", "Nobody can make an account here at present.");
  if (purpose.kind === "reset") await requirePassword(ctx, purpose.userId);
  if ((await findPerson(ctx, madeBy))?.role === "owner") return;
  const role = purpose.kind === "invitation" ? purpose.role : (await findPerson(ctx, purpose.userId))?.role;
  if (role !== "member") throw failure("NOT_ALLOWED", "Only the owner may do this.");
}

/** Uses a link up. Errors: LINK_ENDED, also for one that never was. */
export async function useLink<Kind extends Purpose["kind"]>(
  ctx: MutationCtx,
  secret: string,
  kind: Kind,
): Promise<Link<Kind>> {
  const link = await findOpenLink(ctx, secret, kind);
  if (link === null)
    throw failure("LINK_ENDED", "This link has been used, or has ended. Please ask for a new one.");
  await ctx.db.delete("accountLinks", link._id);
  return link;
}

/** Can a link with this secret still be used? */
export const isOpenLink = async (ctx: MutationCtx, secret: string, kind: Purpose["kind"]): Promise<boolean> =>
  (await findOpenLink(ctx, secret, kind)) !== null;

async function findOpenLink<Kind extends Purpose["kind"]>(
  ctx: MutationCtx,
  secret: string,
  kind: Kind,
): Promise<Link<Kind> | null> {
  const secretDigest = await digestOf(secret);
  const link = await ctx.db
    .query("accountLinks")
    .withIndex("by_secretDigest", (q) => q.eq("secretDigest", secretDigest))
    .unique();
  if (link?.purpose.kind !== kind || link.expiresAt < Date.now()) return null;
  return link as Link<Kind>;
}

/** The invitations that are open or have ended unused, newest first. */
export async function listInvitations(ctx: QueryCtx) {
  const links = await ctx.db.query("accountLinks").order("desc").take(MAX_LINKS);
  return links.flatMap(({ _id, _creationTime, purpose, expiresAt }) =>
    purpose.kind === "invitation" ? [{ _id, _creationTime, role: purpose.role, expiresAt }] : [],
  );
}

/** Takes an invitation back. One that is used already, or a link of another kind, stays as it is. */
export async function withdrawInvitation(
  ctx: MutationCtx,
  adminId: Id<"users">,
  invitationId: Id<"accountLinks">,
): Promise<null> {
  const link = await ctx.db.get("accountLinks", invitationId);
  if (link?.purpose.kind !== "invitation") return null;
  await ctx.db.delete("accountLinks", invitationId);
  await recordAudit(ctx, { kind: "invitationWithdrawn", actorId: adminId, detail: link.purpose.role });
  return null;
}

/** Deletes the links that somebody has made, and those for their own password. */
export async function deleteLinksOf(ctx: MutationCtx, userId: Id<"users">): Promise<void> {
  for (const { _id, madeBy, purpose } of await ctx.db.query("accountLinks").take(MAX_LINKS)) {
    const isTheirs = madeBy === userId || (purpose.kind === "reset" && purpose.userId === userId);
    if (isTheirs) await ctx.db.delete("accountLinks", _id);
  }
}
