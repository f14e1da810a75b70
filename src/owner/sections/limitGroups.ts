import type { FunctionReturnType } from "convex/server";
import type { api } from "../../../convex/_generated/api";
import type { LimitsTexts } from "./limitsTexts.ts";

export type Limit = FunctionReturnType<typeof api.people.limits>[number];

export type LimitGroup = keyof LimitsTexts["groups"];

/** Whom or what each limit binds, in the order of the page. */
export const LIMITS_OF: Record<LimitGroup, readonly Limit["name"][]> = {
  person: [
    "liveRunsPerPerson",
    "maxRunsPerPerson",
    "sendsPerMinute",
    "uploadsPerMinute",
    "storagePerPerson",
    "filesPerPerson",
  ],
  address: ["addressSendsPerMinute", "addressSignInsPerMinute", "addressGuestsPerDay"],
  server: ["serverRequestsPerMinute", "serverSignInsPerMinute", "serverGuestsPerDay"],
  times: ["sessionDays", "guestDays", "auditDays"],
};

export const LIMIT_GROUPS = Object.keys(LIMITS_OF) as LimitGroup[];
