import { cronJobs } from "convex/server";
import { internal } from "./_generated/api";

const crons = cronJobs();

// The second of three ways to find a silent run, after its watchdog and before a look at the lease in `send`. [G6]
crons.interval("end expired runs", { minutes: 1 }, internal.generation.cleanupExpiredLocks);

// The same once more by the clock, so that it also happens where intervals start anew with each deployment.
crons.hourly("cleanupExpiredLocks", { minuteUTC: 17 }, internal.generation.cleanupExpiredLocks);

// For questions whose actions died: the next one that is asked would start them too.
crons.interval("ask models", { minutes: 5 }, internal.asks.startNext);

crons.interval("give back budgets", { minutes: 1 }, internal.budgets.rebalance);

// Far more often than events need it, so that each time there are few.
crons.interval("add up events", { minutes: 10 }, internal.metrics.foldEvents);

crons.interval("remove stray uploads", { minutes: 10 }, internal.attachments.sweepStrays);

// At quiet times of the day in Europe; on a machine that sleeps then, at the next day it does not.
crons.daily(
  "remove old files of drafts",
  { hourUTC: 2, minuteUTC: 23 },
  internal.attachments.removeOldDrafts,
);
crons.daily("remove loose uploads", { hourUTC: 2, minuteUTC: 41 }, internal.attachments.sweepUploads);
crons.daily(
  "forget receipts of deleted chats",
  { hourUTC: 2, minuteUTC: 53 },
  internal.tasks.forgetPurgedReceipts,
);
crons.daily("forget budgets", { hourUTC: 3, minuteUTC: 7 }, internal.auth.forgetBudgets);

crons.daily("forget old audit entries", { hourUTC: 3, minuteUTC: 19 }, internal.audit.forgetOld);
crons.daily("remove abandoned guests", { hourUTC: 3, minuteUTC: 31 }, internal.people.removeAbandonedGuests, {
  after: null,
});

// Each deletion goes on by itself; this is for one whose chain has broken.
crons.hourly("go on with deletions of people", { minuteUTC: 37 }, internal.people.resume);

crons.hourly("keep the invariants", { minuteUTC: 47 }, internal.health.sample);

export default crons;
