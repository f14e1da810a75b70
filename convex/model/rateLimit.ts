import type { Id } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import { failure } from "../shared/errors";
import { sendsPerMinute, UPLOADS_PER_MINUTE } from "./settings";

const MINUTE_MS = 60_000;

/** Takes one of the user's tokens for requests. Errors: RATE_LIMITED, with the time after which there is one. */
export async function takeToken(ctx: MutationCtx, userId: Id<"users">, now: number): Promise<void> {
  await takeFrom(ctx, userId, now, { capacity: sendsPerMinute(), bucket: undefined });
}

/** The same for uploads. */
export async function takeUploadToken(ctx: MutationCtx, userId: Id<"users">, now: number): Promise<void> {
  await takeFrom(ctx, userId, now, { capacity: UPLOADS_PER_MINUTE, bucket: "uploads" });
}

async function takeFrom(
  ctx: MutationCtx,
  userId: Id<"users">,
  now: number,
  { capacity, bucket }: { capacity: number; bucket: "uploads" | undefined },
): Promise<void> {
  const row = await ctx.db
    .query("rateLimits")
    .withIndex("by_user_bucket", (q) => q.eq("userId", userId).eq("bucket", bucket))
    .unique();
  // A clock that was set back gives nothing and takes nothing.
  const refill = row ? (Math.max(0, now - row.updatedAt) / MINUTE_MS) * capacity : capacity;
  const tokens = Math.min(capacity, (row?.tokens ?? 0) + refill);
  if (tokens < 1) {
    const retryAfterMs = Math.ceil(((1 - tokens) / capacity) * MINUTE_MS);
    const seconds = Math.ceil(retryAfterMs / 1000);
    throw failure("RATE_LIMITED", `You are sending too fast. Please wait ${seconds} s.`, { retryAfterMs });
  }
  const left = { tokens: tokens - 1, updatedAt: now };
  if (row) await ctx.db.patch("rateLimits", row._id, left);
  else await ctx.db.insert("rateLimits", { userId, ...(bucket !== undefined && { bucket }), ...left });
}
