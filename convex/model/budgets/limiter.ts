import { DAY, MINUTE, RateLimiter } from "@convex-dev/rate-limiter";
import { components } from "../../_generated/api";
import type { MutationCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { limitOf, type LimitName } from "../limits/limits";
import * as settings from "../settings";

/**
 * The budgets, as token buckets of `@convex-dev/rate-limiter`: full at first, refilled all the time. Those of a person are exact, and
 * meet nobody else's. Those that many share come in two ways:
 *
 * - `sharded`: exact within their shards; for what happens rarely, where a conflict now and then does no harm.
 * - `takeCommon`: checked on a slightly stale snapshot and written by the component's worker, so that `send` conflicts with no other
 *   person's. They may be overdrawn by what arrives within a fraction of a second. Where transactions cannot conflict, they are exact.
 */

const { lib } = new RateLimiter(components.rateLimiter).component;

/** Enough that of a hundred sign-ins at once few meet; a budget must hold several times as many. */
const SHARDS = 8;
const MIN_SHARDED = 10 * SHARDS;

type Budget = { rate: LimitName | number; period: number; isSharded?: true };

const BUDGETS = {
  personRequests: { rate: "sendsPerMinute", period: MINUTE },
  personModelLists: { rate: settings.MODEL_LISTS_PER_MINUTE, period: MINUTE },
  personUploads: { rate: "uploadsPerMinute", period: MINUTE },
  addressRequests: { rate: "addressSendsPerMinute", period: MINUTE },
  serverRequests: { rate: "serverRequestsPerMinute", period: MINUTE },
  addressGuests: { rate: "addressGuestsPerDay", period: DAY },
  serverGuests: { rate: "serverGuestsPerDay", period: DAY, isSharded: true },
  addressSignIns: { rate: "addressSignInsPerMinute", period: MINUTE },
  triesOfPersonAtAddress: {
    rate: settings.TRIES_OF_PERSON_AT_ADDRESS,
    period: settings.TRIES_PERIOD_MS,
  },
  triesOfAddress: { rate: settings.TRIES_OF_ADDRESS, period: settings.TRIES_PERIOD_MS },
  triesOfPerson: { rate: settings.TRIES_OF_PERSON, period: settings.TRIES_PERIOD_MS },
  auditFailuresOfAddress: { rate: settings.AUDIT_FAILURES_OF_ADDRESS, period: DAY },
  auditFailuresOfServer: { rate: settings.AUDIT_FAILURES_OF_SERVER, period: DAY, isSharded: true },
  auditEntriesOfPerson: { rate: settings.AUDIT_ENTRIES_OF_PERSON, period: DAY },
  serverSignIns: { rate: "serverSignInsPerMinute", period: MINUTE, isSharded: true },
} satisfies Record<string, Budget>;

export type BudgetName = keyof typeof BUDGETS;

/** One of a budget; `key` says whose, where each person or address has their own. */
export type Charge = { name: BudgetName; key?: string };

async function argsOf(ctx: MutationCtx, { name, key }: Charge) {
  const { rate: limit, period, isSharded }: Budget = BUDGETS[name];
  const rate = typeof limit === "number" ? limit : await limitOf(ctx, limit);
  const shards = isSharded && rate >= MIN_SHARDED ? SHARDS : undefined;
  const config = { kind: "token bucket" as const, rate, period, ...(shards && { shards }) };
  return { name, config, ...(key !== undefined && { key }) };
}

/** Takes one of a budget in the caller's transaction. Returns the milliseconds after which there is one; null when it was taken. */
export async function take(ctx: MutationCtx, charge: Charge): Promise<number | null> {
  const args = await argsOf(ctx, charge);
  const tryOnce = () => ctx.runMutation(lib.rateLimit, args);
  let status = await tryOnce();
  if (!status.ok && (await resetIfClockWentBack(ctx, charge, status.retryAfter))) status = await tryOnce();
  return status.ok ? null : Math.ceil(status.retryAfter);
}

/**
 * Takes `count` of each budget, in the caller's transaction or shortly after it. Null when they are taken; else one that has none, and the
 * milliseconds after which it has: what others have given is then up to the caller, who gives it back by throwing.
 */
export async function takeCommon(
  ctx: MutationCtx,
  charges: readonly Charge[],
  count: number,
): Promise<{ charge: Charge; waitMs: number } | null> {
  const areExact = settings.sharedBudgetsAreExact();
  for (const charge of charges) {
    for (let taken = 0; taken < (areExact ? count : 1); taken++) {
      const waitMs = await (areExact ? take(ctx, charge) : look(ctx, charge));
      if (waitMs !== null) return { charge, waitMs };
    }
  }
  if (!areExact) await takeLater(ctx, Array.from({ length: count }, () => charges).flat());
  return null;
}

/** Looks at a budget in the background. The same result as `take`, but nothing is taken. */
export async function look(ctx: MutationCtx, charge: Charge): Promise<number | null> {
  const status = await ctx.runQuery(lib.checkRateLimit, await argsOf(ctx, charge), {
    useStaleSnapshot: true,
  });
  if (status.ok || (await resetIfClockWentBack(ctx, charge, status.retryAfter))) return null;
  return Math.ceil(status.retryAfter);
}

/**
 * The component takes time that runs backwards as used up: after the clock was set back by an hour nobody could send for an hour. A
 * bucket refills within its period, so a longer wait means that, and then the bucket begins anew. True if it does.
 */
async function resetIfClockWentBack(
  ctx: MutationCtx,
  { name, key }: Charge,
  retryAfter: number,
): Promise<boolean> {
  if (retryAfter <= BUDGETS[name].period) return false;
  await ctx.runMutation(lib.resetRateLimit, { name, ...(key !== undefined && { key }) });
  return true;
}

/** Has the worker take one of each. */
async function takeLater(ctx: MutationCtx, charges: readonly Charge[]): Promise<void> {
  const ts = Date.now();
  const updates = charges.map(async (charge) => {
    const { config, ...whose } = await argsOf(ctx, charge);
    return {
      ...{ kind: "consume" as const, count: 1, ts, ...whose },
      config: { ...config, applyUpdates: "asynchronously" as const },
    };
  });
  await ctx.runMutation(lib.enqueueUpdates, { updates: await Promise.all(updates) });
}

/** Throws what a refused caller is told. Errors: RATE_LIMITED. */
export function refuse(scope: "person" | "address" | "server", retryAfterMs: number): never {
  const wait = waitInWords(retryAfterMs);
  const message = {
    person: `You are sending too fast. Please try again in ${wait}.`,
    address: `There are too many requests from your network. Please try again in ${wait}.`,
    server: `This server has too many requests. Please try again in ${wait}.`,
  }[scope];
  throw failure("RATE_LIMITED", message, { retryAfterMs, scope });
}

function waitInWords(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}
