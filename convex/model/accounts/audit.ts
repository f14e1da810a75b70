import type { PaginationOptions, PaginationResult } from "convex/server";
import { v, type Infer } from "convex/values";
import { internal } from "../../_generated/api";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { callersNetwork } from "../budgets/address";
import { take, type Charge } from "../budgets/limiter";
import { limitOf } from "../limits/limits";
import { log } from "../log";
import { boundedPage } from "../pages";
import { DAY_MS, DELETE_BATCH } from "../settings";
import { plainLine } from "../../shared/plainLine";
import { vAuditKind, vAuditPerson, type AuditKind, type AuditPerson } from "./auditKinds";
import { findPassword } from "./findPassword";

/** What was done to accounts, for admins: rows that are only ever added, each also one line of JSON on the log. */

export type AuditEntry = {
  kind: AuditKind;
  actorId?: Id<"users"> | null;
  subjectId?: Id<"users">;
  detail?: string | null;
};

/** Lists something that an admin or the server did, or that is bounded otherwise, in the caller's transaction. */
export async function recordAudit(ctx: MutationCtx, entry: AuditEntry): Promise<void> {
  const event = {
    kind: entry.kind,
    actor: entry.actorId ? await personOf(ctx, entry.actorId) : null,
    subject:
      entry.subjectId && entry.subjectId !== entry.actorId ? await personOf(ctx, entry.subjectId) : null,
    detail: entry.detail ?? null,
    address: await addressOf(ctx),
  };
  await ctx.db.insert("auditEvents", event);
  log("AUDIT", JSON.stringify({ at: new Date().toISOString(), ...event }));
}

/** Lists what a person can do as often as they like, up to a number a day. */
export async function recordOwnAudit(
  ctx: MutationCtx,
  actorId: Id<"users">,
  entry: Omit<AuditEntry, "actorId">,
): Promise<void> {
  if (await isWithin(ctx, [{ name: "auditEntriesOfPerson", key: actorId }]))
    await recordAudit(ctx, { ...entry, actorId });
}

/**
 * Lists that somebody was not let in, up to a number a day for an address and for all. `login`: what was typed, which is listed as the person
 * whose it is, or not at all: it may be a password in the wrong field.
 */
export async function recordFailure(
  ctx: MutationCtx,
  { login, detail }: { login: string | null; detail: string },
): Promise<void> {
  const network = (await callersNetwork(ctx)) ?? "unknown";
  const charges: Charge[] = [
    { name: "auditFailuresOfAddress", key: network },
    { name: "auditFailuresOfServer" },
  ];
  if (!(await isWithin(ctx, charges))) return;
  const account =
    login === null
      ? null
      : await ctx.db
          .query("authAccounts")
          .withIndex("providerAndAccountId", (q) =>
            q.eq("provider", "password").eq("providerAccountId", login),
          )
          .unique();
  await recordAudit(ctx, { kind: "signInFailed", detail, ...(account && { subjectId: account.userId }) });
}

async function isWithin(ctx: MutationCtx, charges: readonly Charge[]): Promise<boolean> {
  for (const charge of charges) if ((await take(ctx, charge)) !== null) return false;
  return true;
}

async function personOf(ctx: QueryCtx, userId: Id<"users">): Promise<AuditPerson> {
  return { userId, name: await nameOf(ctx, userId) };
}

/** What somebody is called: their name, else their login; "" for a guest and for a machine's owner. */
export async function nameOf(ctx: QueryCtx, userId: Id<"users">): Promise<string> {
  const user = await ctx.db.get("users", userId);
  const name = plainLine(user?.name ?? "");
  return name !== "" ? name : ((await findPassword(ctx, userId))?.providerAccountId ?? "");
}

/** The caller's; null where nobody calls, and on a backend that does not tell. */
async function addressOf(ctx: MutationCtx): Promise<string | null> {
  try {
    return (await ctx.meta.getRequestMetadata()).ip;
  } catch {
    return null;
  }
}

/** `isOwner`: the owner of a machine has no name until they set a password; no guest has one. */
const vListedPerson = v.union(vAuditPerson.extend({ isOwner: v.boolean() }), v.null());

/** An entry as admins see it. */
export const vAuditEvent = v.object({
  _id: v.id("auditEvents"),
  at: v.number(),
  kind: vAuditKind,
  actor: vListedPerson,
  subject: vListedPerson,
  detail: v.union(v.string(), v.null()),
  address: v.union(v.string(), v.null()),
});

function viewEvent(
  { _id, _creationTime, kind, actor, subject, detail, address }: Doc<"auditEvents">,
  ownersId: Id<"users"> | null,
): Infer<typeof vAuditEvent> {
  const view = (person: AuditPerson | null) => person && { ...person, isOwner: person.userId === ownersId };
  return { _id, at: _creationTime, kind, actor: view(actor), subject: view(subject), detail, address };
}

/** A page of the list, newest first; `kind`: of these alone. */
export async function listAudit(
  ctx: QueryCtx,
  {
    kind,
    paginationOpts,
    ownersId,
  }: { kind: AuditKind | null; paginationOpts: PaginationOptions; ownersId: Id<"users"> | null },
): Promise<PaginationResult<Infer<typeof vAuditEvent>>> {
  const events = ctx.db.query("auditEvents");
  const wanted = kind === null ? events : events.withIndex("by_kind", (q) => q.eq("kind", kind));
  const page = await wanted.order("desc").paginate(boundedPage(paginationOpts));
  return { ...page, page: page.page.map((event) => viewEvent(event, ownersId)) };
}

/** Deletes entries that are older than the limit says. Called by a cron; comes back at once while there are more. */
export async function forgetOldAudit(ctx: MutationCtx): Promise<null> {
  const before = Date.now() - (await limitOf(ctx, "auditDays")) * DAY_MS;
  const old = await ctx.db
    .query("auditEvents")
    .withIndex("by_creation_time", (q) => q.lt("_creationTime", before))
    .take(DELETE_BATCH);
  for (const { _id } of old) await ctx.db.delete("auditEvents", _id);
  if (old.length === DELETE_BATCH) await ctx.scheduler.runAfter(0, internal.audit.forgetOld, {});
  return null;
}
