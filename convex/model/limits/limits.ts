import { v, type Infer } from "convex/values";
import type { QueryCtx } from "../../_generated/server";
import { positiveVariable } from "../settings";

/**
 * What one person, one address and all together may ask of this server, and for how long things are kept. Whoever starts the server sets a
 * limit by its variable; the owner sets it on their page, never above the variable. What the owner sets is a row, so that it holds from the
 * next request on, on every backend.
 *
 * Rates can be saved up to their whole size. The defaults are for a hundred people behind one address, who have a few answers each minute,
 * with titles and follow-ups, and all open their pages at once in the morning.
 */

export const vLimitName = v.union(
  v.literal("liveRunsPerPerson"),
  v.literal("maxRunsPerPerson"),
  v.literal("sendsPerMinute"),
  v.literal("uploadsPerMinute"),
  v.literal("storagePerPerson"),
  v.literal("filesPerPerson"),
  v.literal("addressSendsPerMinute"),
  v.literal("addressSignInsPerMinute"),
  v.literal("addressGuestsPerDay"),
  v.literal("serverRequestsPerMinute"),
  v.literal("serverSignInsPerMinute"),
  v.literal("serverGuestsPerDay"),
  v.literal("sessionDays"),
  v.literal("guestDays"),
  v.literal("auditDays"),
);
export type LimitName = Infer<typeof vLimitName>;

export const vLimitUnit = v.union(
  v.literal("count"),
  v.literal("perMinute"),
  v.literal("perDay"),
  v.literal("megabytes"),
  v.literal("days"),
);

type Limit = {
  variable: string;
  unit: Infer<typeof vLimitUnit>;
  byDefault: number;
  /** What the owner may set where the variable is not set; null: the limit is not theirs to set. */
  range: { least: number; most: number } | null;
};

/** Files of one person, whatever is set: they are added up with each upload. */
export const MAX_FILES = 8_000;

/** A limit that the owner may set between `least` and `most`. */
const limit = (
  variable: string,
  unit: Limit["unit"],
  byDefault: number,
  most: number,
  least = 1,
): Readonly<Limit> => ({ variable, unit, byDefault, range: { least, most } });

/** Enough that an owner who has set too few sign-ins gets in to set more. */
const LEAST_SIGN_INS = 10;
const YEAR_DAYS = 365;

export const LIMITS: Readonly<Record<LimitName, Readonly<Limit>>> = {
  /** Runs of one person that may generate at once; their others wait. */
  liveRunsPerPerson: limit("VERBATIM_LIVE_RUNS_PER_PERSON", "count", 4, 100),
  /** Runs of one person that may generate or wait; a further send is refused. */
  maxRunsPerPerson: limit("VERBATIM_MAX_RUNS_PER_PERSON", "count", 30, 200),
  /** Requests to models that one person may cause. */
  sendsPerMinute: limit("VERBATIM_SENDS_PER_MINUTE", "perMinute", 60, 10_000),
  /** Files that one person may upload: several full prompts at once. */
  uploadsPerMinute: limit("VERBATIM_UPLOADS_PER_MINUTE", "perMinute", 60, 10_000),
  /** What the files of one person may take up. */
  storagePerPerson: limit("VERBATIM_STORAGE_PER_PERSON_MB", "megabytes", 1_024, 1_048_576),
  filesPerPerson: limit("VERBATIM_FILES_PER_PERSON", "count", 2_000, MAX_FILES),
  /** Sends from one address. */
  addressSendsPerMinute: limit("VERBATIM_ADDRESS_SENDS_PER_MINUTE", "perMinute", 300, 100_000),
  /** Sign-ins and renewals of sessions: a page asks for one when it opens. */
  addressSignInsPerMinute: limit(
    "VERBATIM_ADDRESS_SIGN_INS_PER_MINUTE",
    "perMinute",
    600,
    100_000,
    LEAST_SIGN_INS,
  ),
  addressGuestsPerDay: limit("VERBATIM_ADDRESS_GUESTS_PER_DAY", "perDay", 300, 1_000_000),
  /** Requests to models by everybody, titles and follow-ups among them. */
  serverRequestsPerMinute: limit("VERBATIM_SERVER_REQUESTS_PER_MINUTE", "perMinute", 1_500, 1_000_000),
  serverSignInsPerMinute: limit(
    "VERBATIM_SERVER_SIGN_INS_PER_MINUTE",
    "perMinute",
    3_000,
    1_000_000,
    LEAST_SIGN_INS,
  ),
  serverGuestsPerDay: limit("VERBATIM_SERVER_GUESTS_PER_DAY", "perDay", 3_000, 1_000_000),
  /** How long a session lasts after its last use. */
  sessionDays: limit("VERBATIM_SESSION_DAYS", "days", YEAR_DAYS, YEAR_DAYS),
  /** Without a visit for as long, a guest is deleted with all that they have. */
  guestDays: limit("VERBATIM_GUEST_DAYS", "days", 180, 10 * YEAR_DAYS),
  /** How long an entry of the audit list is kept. Nobody who is listed there makes it shorter. */
  auditDays: { variable: "VERBATIM_AUDIT_DAYS", unit: "days", byDefault: YEAR_DAYS, range: null },
};

/** What the variable says; null where it is not set. A limit of less than one would refuse everything. */
function limitOfEnvironment(name: LimitName): number | null {
  const { variable, unit, byDefault } = LIMITS[name];
  const value = positiveVariable(variable, byDefault);
  if (value === null || unit === "days") return value;
  const most = name === "filesPerPerson" ? MAX_FILES : Infinity;
  return Math.min(most, Math.max(1, unit === "count" ? Math.floor(value) : value));
}

/** What holds unless the owner sets less, for where nothing can be read. */
export const outerLimit = (name: LimitName): number => limitOfEnvironment(name) ?? LIMITS[name].byDefault;

/** What holds, and what says so; `range`: what the owner may set, if anything. */
export interface LimitInForce {
  value: number;
  setBy: "environment" | "owner" | "default";
  range: { least: number; most: number } | null;
}

/** The same for one limit. Its row changes only when the owner sets it, so that sends never conflict over it. */
export async function limitInForce(ctx: QueryCtx, name: LimitName): Promise<LimitInForce> {
  const { byDefault, range: widest } = LIMITS[name];
  const outer = limitOfEnvironment(name);
  const most = outer === null ? (widest?.most ?? 0) : Math.max(1, Math.floor(outer));
  const range = widest && { least: Math.min(widest.least, most), most };
  const own = range === null ? null : ((await findRow(ctx, name))?.value ?? null);
  if (own !== null && range !== null && own <= range.most) return { value: own, setBy: "owner", range };
  if (outer !== null) return { value: outer, setBy: "environment", range };
  return { value: byDefault, setBy: "default", range };
}

/** What holds, in the limit's unit. */
export const limitOf = async (ctx: QueryCtx, name: LimitName): Promise<number> =>
  (await limitInForce(ctx, name)).value;

/** What the owner has set. */
export const findRow = (ctx: QueryCtx, name: LimitName) =>
  ctx.db
    .query("limitSettings")
    .withIndex("by_name", (q) => q.eq("name", name))
    .unique();
