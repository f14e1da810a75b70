import type { PaginationOptions, PaginationResult } from "convex/server";
import { v, type Infer } from "convex/values";
import type { Doc, Id } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { findPerson, viewPerson } from "../accounts/people";
import { usageOfPerson } from "../context/usageSums";
import { usage as filesOf } from "../files/quota";
import { boundedPage } from "../pages";

/** What admins see of people: who they are, when they came, how much they use. Nothing of what they write. [G11] */

export const vRole = v.union(v.literal("owner"), v.literal("admin"), v.literal("member"));
const vText = v.union(v.string(), v.null());
const vTime = v.union(v.number(), v.null());

export const vListedPerson = v.object({
  userId: v.id("users"),
  role: vRole,
  name: vText,
  login: vText,
  since: v.number(),
  disabledAt: vTime,
  /** When a page of theirs last renewed its session; null if none is open. */
  lastUsedAt: vTime,
});
type ListedPerson = Infer<typeof vListedPerson>;

/** Devices of one person that are looked at: the newest. */
const MAX_DEVICES = 10;

/** A page of everybody with an account, in the order in which they came. */
export async function listPeople(
  ctx: QueryCtx,
  options: PaginationOptions,
): Promise<PaginationResult<ListedPerson>> {
  const page = await ctx.db.query("people").paginate(boundedPage(options));
  return { ...page, page: await Promise.all(page.page.map((person) => view(ctx, person))) };
}

async function view(ctx: QueryCtx, person: Doc<"people">): Promise<ListedPerson> {
  const devices = await ctx.db
    .query("devices")
    .withIndex("by_user", (q) => q.eq("userId", person.userId))
    .order("desc")
    .take(MAX_DEVICES);
  const lastUsedAt = devices.length === 0 ? null : Math.max(...devices.map((device) => device.lastUsedAt));
  return { ...(await viewPerson(ctx, person)), disabledAt: person.disabledAt ?? null, lastUsedAt };
}

/** What the files of somebody with an account take up. Errors: NOT_FOUND. */
export async function storageOf(
  ctx: QueryCtx,
  userId: Id<"users">,
): Promise<{ files: number; bytes: number }> {
  await requireAccount(ctx, userId);
  return await filesOf(ctx, userId);
}

/** A page of what their replies took since `from`, as `usage.since` gives it to themselves. Errors: NOT_FOUND. */
export async function usageOf(
  ctx: QueryCtx,
  { userId, ...page }: { userId: Id<"users">; from: number; before: number | null },
) {
  await requireAccount(ctx, userId);
  return await usageOfPerson(ctx, userId, page);
}

async function requireAccount(ctx: QueryCtx, userId: Id<"users">): Promise<void> {
  if (!(await findPerson(ctx, userId))) throw failure("NOT_FOUND", "This person has no account here.");
}
