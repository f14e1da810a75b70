import { v, type Infer } from "convex/values";
import * as settings from "../settings";

/** The limits in force, each with the variable that sets it, for the owner's page. */

export const vLimit = v.object({
  variable: v.string(),
  value: v.number(),
  unit: v.union(
    v.literal("count"),
    v.literal("perMinute"),
    v.literal("perDay"),
    v.literal("bytes"),
    v.literal("days"),
  ),
  /** Has whoever runs the server set it? */
  isSet: v.boolean(),
});
type Limit = Infer<typeof vLimit>;

const LIMITS: readonly [variable: string, unit: Limit["unit"], value: () => number][] = [
  ["VERBATIM_LIVE_RUNS_PER_PERSON", "count", settings.livePersonRuns],
  ["VERBATIM_MAX_RUNS_PER_PERSON", "count", settings.maxPersonRuns],
  ["VERBATIM_SENDS_PER_MINUTE", "perMinute", settings.sendsPerMinute],
  ["VERBATIM_UPLOADS_PER_MINUTE", "perMinute", settings.uploadsPerMinute],
  ["VERBATIM_STORAGE_PER_PERSON_MB", "bytes", settings.storagePerPerson],
  ["VERBATIM_FILES_PER_PERSON", "count", settings.filesPerPerson],
  ["VERBATIM_ADDRESS_SENDS_PER_MINUTE", "perMinute", settings.addressSendsPerMinute],
  ["VERBATIM_ADDRESS_SIGN_INS_PER_MINUTE", "perMinute", settings.addressSignInsPerMinute],
  ["VERBATIM_ADDRESS_GUESTS_PER_DAY", "perDay", settings.addressGuestsPerDay],
  ["VERBATIM_SERVER_REQUESTS_PER_MINUTE", "perMinute", settings.serverRequestsPerMinute],
  ["VERBATIM_SERVER_SIGN_INS_PER_MINUTE", "perMinute", settings.serverSignInsPerMinute],
  ["VERBATIM_SERVER_GUESTS_PER_DAY", "perDay", settings.serverGuestsPerDay],
  ["VERBATIM_SESSION_DAYS", "days", () => settings.sessionMs() / settings.DAY_MS],
  ["VERBATIM_GUEST_DAYS", "days", settings.guestDays],
  ["VERBATIM_AUDIT_DAYS", "days", settings.auditDays],
];

/** What holds now, with the settings of this server. */
export const limitsInForce = (): Limit[] =>
  LIMITS.map(([variable, unit, value]) => ({
    ...{ variable, unit, value: value(), isSet: (process.env[variable]?.trim() ?? "") !== "" },
  }));
