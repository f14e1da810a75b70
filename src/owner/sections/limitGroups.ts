import type { Limit } from "./LimitsSection.tsx";
import type { LimitsTexts } from "./limitsTexts.ts";

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
