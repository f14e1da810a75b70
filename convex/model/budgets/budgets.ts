import { components } from "../../_generated/api";
import type { Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { runsAtWork } from "../runs/places";
import { limitOf } from "../limits/limits";
import { DAY_MS } from "../settings";
import { callersNetwork } from "./address";
import { refuse, take, takeCommon, type Charge } from "./limiter";

/**
 * What one person, one address and all together may ask of this server. A refusal says when to try again, and nothing was done. The sizes
 * are limits (`model/limits`); a hundred people behind one office's address do not meet the defaults.
 */

/**
 * For `send` and its sisters: one request for each answer that is begun, or none. Errors: RATE_LIMITED.
 *
 * The person's live runs are bounded too, so that waiting costs a bounded amount as well.
 */
export async function takeRequest(ctx: MutationCtx, userId: Id<"users">, answers = 1): Promise<void> {
  const network = await callersNetwork(ctx);
  const ofAddress: Charge[] = network === null ? [] : [{ name: "addressRequests", key: network }];
  const refused = await takeCommon(ctx, [...ofAddress, { name: "serverRequests" }], answers);
  if (refused) refuse(refused.charge.name === "serverRequests" ? "server" : "address", refused.waitMs);
  for (let taken = 0; taken < answers; taken++) {
    const waitMs = await take(ctx, { name: "personRequests", key: userId });
    if (waitMs !== null) refuse("person", waitMs);
  }
  await requireRoomForRuns(ctx, userId, answers);
}

/** Some answer of the person's ends within this time, as a rule. */
const RUN_WAIT_MS = 10_000;

async function requireRoomForRuns(ctx: MutationCtx, userId: Id<"users">, runs: number): Promise<void> {
  const limit = await limitOf(ctx, "maxRunsPerPerson");
  const live = await runsAtWork(ctx, userId, limit);
  if (live.length + runs <= limit) return;
  throw failure(
    "RATE_LIMITED",
    `${limit} of your replies are being written or wait already. Please wait for one to end, or stop one.`,
    { retryAfterMs: RUN_WAIT_MS, scope: "runs" },
  );
}

/**
 * For a question to a model beside an answer, which nobody has sent: counted with the person's and the server's requests. False when there
 * is none left; then it is not asked.
 */
export async function takeAsk(ctx: MutationCtx, userId: Id<"users">): Promise<boolean> {
  if ((await take(ctx, { name: "personRequests", key: userId })) !== null) return false;
  return (await takeCommon(ctx, [{ name: "serverRequests" }], 1)) === null;
}

/** For asking the connected server for its models. Errors: RATE_LIMITED. */
export async function takeModelList(ctx: MutationCtx, userId: Id<"users">): Promise<null> {
  const waitMs = await take(ctx, { name: "personModelLists", key: userId });
  return waitMs === null ? null : refuse("person", waitMs);
}

/** For the address of an upload. Errors: RATE_LIMITED. */
export async function takeUpload(ctx: MutationCtx, userId: Id<"users">): Promise<void> {
  const waitMs = await take(ctx, { name: "personUploads", key: userId });
  if (waitMs !== null) refuse("person", waitMs);
}

/** For a new guest. Errors: RATE_LIMITED. */
export const takeGuest = (ctx: MutationCtx) =>
  takeShared(ctx, { address: "addressGuests", server: "serverGuests" });

/** For signing in: it costs a signature. Errors: RATE_LIMITED. */
export const takeSignIn = (ctx: MutationCtx) =>
  takeShared(ctx, { address: "addressSignIns", server: "serverSignIns" });

/**
 * For what anybody can ask for, whoever they are: to leave for a provider, or to renew a session by a token that may be none. It comes out of what the
 * address has. With the server's, a few addresses would use up everybody's sign-ins; only what comes of it is paid for from that. Where no address is
 * known, the server's pays. Returns whether it has. Errors: RATE_LIMITED.
 */
export async function takeSignInTry(ctx: MutationCtx): Promise<{ serverHasPaid: boolean }> {
  const hasAddress = await takeOfAddress(ctx, "addressSignIns");
  if (!hasAddress) await takeOfServer(ctx, "serverSignIns");
  return { serverHasPaid: !hasAddress };
}

/** For a try that has come to something. Errors: RATE_LIMITED. */
export async function takeTriedSignIn(
  ctx: MutationCtx,
  { serverHasPaid }: { serverHasPaid: boolean },
): Promise<void> {
  if (!serverHasPaid) await takeOfServer(ctx, "serverSignIns");
}

async function takeShared(
  ctx: MutationCtx,
  { address, server }: { address: Charge["name"]; server: Charge["name"] },
): Promise<void> {
  await takeOfAddress(ctx, address);
  await takeOfServer(ctx, server);
}

/** False where the caller's address is not known. */
async function takeOfAddress(ctx: MutationCtx, name: Charge["name"]): Promise<boolean> {
  const network = await callersNetwork(ctx);
  if (network === null) return false;
  const waitMs = await take(ctx, { name, key: network });
  if (waitMs !== null) refuse("address", waitMs);
  return true;
}

async function takeOfServer(ctx: MutationCtx, name: Charge["name"]): Promise<void> {
  const waitMs = await take(ctx, { name });
  if (waitMs !== null) refuse("server", waitMs);
}

/** How long an address is remembered at most: a day's budget, and the time until the next clean-up. */
const FORGET_AFTER_MS = 2 * DAY_MS;

/** Rows of versions before this component, deleted in one call. */
const BATCH = 200;

/**
 * Deletes buckets that were begun long ago, so that addresses are not kept: a bucket that is missing counts as full. Called by a cron.
 */
export async function forgetOldBudgets(ctx: MutationCtx): Promise<null> {
  await ctx.runMutation(components.rateLimiter.lib.clearAll, { before: Date.now() - FORGET_AFTER_MS });
  for (const { _id } of await ctx.db.query("rateLimits").take(BATCH)) await ctx.db.delete("rateLimits", _id);
  return null;
}
