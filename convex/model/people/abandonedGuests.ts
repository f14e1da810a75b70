import { internal } from "../../_generated/api";
import type { Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { recordAudit } from "../accounts/audit";
import { findPerson } from "../accounts/people";
import { limitOf } from "../limits/limits";
import { DAY_MS, localOwnerIsOn } from "../settings";
import { beginDeparture } from "./departures";

/** Guests who have not come for long are deleted with all that is theirs: nobody else can open it. */

/** Guests looked at in one mutation, each by a few rows, and how long until the next: what is found is deleted meanwhile. */
const BATCH = 20;
const PAUSE_MS = 1_000;

/** Devices and sessions of one guest that are looked at, the newest: theirs is one browser. */
const MAX_SESSIONS = 20;

/**
 * Looks at some guests, by the order of their accounts' names, behind `after` (null: from the first), and comes back for the next. Called by a
 * cron. On a machine that knows its owner there are none: its guests become the owner. [G14]
 */
export async function removeAbandonedGuests(ctx: MutationCtx, after: string | null): Promise<null> {
  if (localOwnerIsOn()) return null;
  const before = Date.now() - (await limitOf(ctx, "guestDays")) * DAY_MS;
  const accounts = await ctx.db
    .query("authAccounts")
    .withIndex("providerAndAccountId", (q) => {
      const guests = q.eq("provider", "anonymous");
      return after === null ? guests : guests.gt("providerAccountId", after);
    })
    .take(BATCH);
  let deleted = 0;
  for (const { userId, _creationTime } of accounts) {
    if (_creationTime >= before || (await findPerson(ctx, userId))) continue;
    if ((await lastUse(ctx, userId)) >= before) continue;
    await beginDeparture(ctx, userId, "abandoned");
    deleted += 1;
  }
  if (deleted > 0) await recordAudit(ctx, { kind: "guestsDeleted", detail: `${deleted}` });
  const last = accounts.at(-1);
  if (last && accounts.length === BATCH)
    await ctx.scheduler.runAfter(PAUSE_MS, internal.people.removeAbandonedGuests, {
      after: last.providerAccountId,
    });
  return null;
}

/** When a guest was last seen here: a page was open, or a reply ended. 0: never. */
async function lastUse(ctx: QueryCtx, userId: Id<"users">): Promise<number> {
  const times: number[] = [];
  const devices = await ctx.db
    .query("devices")
    .withIndex("by_user", (q) => q.eq("userId", userId))
    .order("desc")
    .take(MAX_SESSIONS);
  times.push(...devices.map(({ lastUsedAt }) => lastUsedAt));
  // Sessions of earlier versions are no devices; each use of one made a token.
  const sessions = await ctx.db
    .query("authSessions")
    .withIndex("userId", (q) => q.eq("userId", userId))
    .order("desc")
    .take(MAX_SESSIONS);
  for (const { _id, _creationTime } of sessions) {
    const token = await ctx.db
      .query("authRefreshTokens")
      .withIndex("sessionId", (q) => q.eq("sessionId", _id))
      .order("desc")
      .first();
    times.push(token?._creationTime ?? _creationTime);
  }
  for (const archived of [false, true]) {
    const task = await ctx.db
      .query("tasks")
      .withIndex("by_user_archived_activity", (q) => q.eq("userId", userId).eq("archived", archived))
      .order("desc")
      .first();
    if (task) times.push(task.lastActivityAt);
  }
  return Math.max(0, ...times);
}
