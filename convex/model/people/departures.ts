import { internal } from "../../_generated/api";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { recordAudit } from "../accounts/audit";
import { endOtherSessions } from "../accounts/devices";
import { log } from "../log";
import { requireSubordinate } from "./authority";
import { AFTER_LAST_FLUSH_MS } from "../settings";
import { eraseBatch, type Erased } from "./erase";
import { stopBatch } from "./stopRuns";

/**
 * Deleting somebody for good.
 *
 *   deletePerson, abandoned guest ──► deleting ──nothing is left──► checking ──nothing has come since──► (the row is gone)
 *                                        ▲                             │
 *                                        └────────something came───────┘
 *
 * With the first step they are out: no role, no way to sign in, no session, no live run. Each further step is a mutation that does one batch
 * and schedules the next; where that chain broke, a cron takes it up again. What an action writes that began before, and looks nobody
 * up any more (a key that is being checked, a guest who signs in), is found by the last look.
 */

/** Longer than an action lives. */
const LAST_LOOK_MS = 15 * 60_000;

/** When the next batch follows, by what this one found. */
const NEXT_BATCH_MS: Record<Erased, number> = { nothing: LAST_LOOK_MS, rows: 0, runs: AFTER_LAST_FLUSH_MS };

/** A chain that has not moved for this long is broken. */
const BROKEN_MS = 2 * LAST_LOOK_MS;

/** Chains taken up again at once. */
const MAX_RESUMED = 50;

/** Deletes somebody with an account and all that is theirs. Errors: NOT_FOUND, NOT_ALLOWED for the owner, oneself, and an admin's equals. */
export async function deletePerson(
  ctx: MutationCtx,
  adminId: Id<"users">,
  userId: Id<"users">,
): Promise<null> {
  const person = await requireSubordinate(ctx, adminId, userId);
  await recordAudit(ctx, { kind: "personDeleted", actorId: adminId, subjectId: userId, detail: person.role });
  await ctx.db.delete("people", person._id);
  await beginDeparture(ctx, userId, "deleted");
  // What is left of them is stopped by the next step, some seconds later: then nothing writes into what is being deleted. [G4]
  await stopBatch(ctx, userId);
  return null;
}

/** The first step: they are out. */
export async function beginDeparture(
  ctx: MutationCtx,
  userId: Id<"users">,
  reason: Doc<"departures">["reason"],
): Promise<void> {
  if (await findDeparture(ctx, userId)) return;
  const accounts = ctx.db.query("authAccounts").withIndex("userIdAndProvider", (q) => q.eq("userId", userId));
  for await (const { _id } of accounts) await ctx.db.delete("authAccounts", _id);
  await endOtherSessions(ctx, userId, null);
  const departureId = await ctx.db.insert("departures", {
    ...{ userId, reason, stage: "deleting", movedAt: Date.now() },
  });
  await ctx.scheduler.runAfter(AFTER_LAST_FLUSH_MS, internal.people.continueDeparture, { departureId });
  log("ACCOUNTS", `User ${userId} (${reason}) is being deleted`);
}

/** Is this somebody whose data is being deleted? */
export async function isLeaving(ctx: QueryCtx, userId: Id<"users">): Promise<boolean> {
  return (await findDeparture(ctx, userId)) !== null;
}

async function findDeparture(ctx: QueryCtx, userId: Id<"users">): Promise<Doc<"departures"> | null> {
  return await ctx.db
    .query("departures")
    .withIndex("by_user", (q) => q.eq("userId", userId))
    .first();
}

/** One batch, which schedules the next step. */
export async function continueDeparture(ctx: MutationCtx, departureId: Id<"departures">): Promise<null> {
  const departure = await ctx.db.get("departures", departureId);
  if (!departure) return null;
  const { userId, stage } = departure;
  const erased = await eraseBatch(ctx, userId);
  const isClean = erased === "nothing";
  if (isClean && stage === "checking") {
    if (await ctx.db.get("users", userId)) await ctx.db.delete("users", userId);
    await ctx.db.delete("departures", departureId);
    log("ACCOUNTS", `User ${userId} is deleted, with all that was theirs`);
    return null;
  }
  const now = Date.now();
  await ctx.db.patch("departures", departureId, { stage: isClean ? "checking" : "deleting", movedAt: now });
  await ctx.scheduler.runAfter(NEXT_BATCH_MS[erased], internal.people.continueDeparture, { departureId });
  return null;
}

/** Takes up again what has not moved for long. Called by a cron. */
export async function resumeDepartures(ctx: MutationCtx): Promise<null> {
  const broken = await ctx.db
    .query("departures")
    .withIndex("by_movedAt", (q) => q.lt("movedAt", Date.now() - BROKEN_MS))
    .take(MAX_RESUMED);
  for (const { _id } of broken)
    await ctx.scheduler.runAfter(0, internal.people.continueDeparture, { departureId: _id });
  return null;
}
