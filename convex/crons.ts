import { cronJobs } from "convex/server";
import { internal } from "./_generated/api";

const crons = cronJobs();

// The second of three ways to find a silent run, after its watchdog and before a look at the lease in `send`. [G6]
crons.interval("end expired runs", { minutes: 1 }, internal.generation.cleanupExpiredLocks);

// The same once more by the clock, so that it also happens where intervals start anew with each deployment.
crons.hourly("cleanupExpiredLocks", { minuteUTC: 17 }, internal.generation.cleanupExpiredLocks);

export default crons;
