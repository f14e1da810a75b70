import { anyApi, cronJobs, internalActionGeneric, internalMutationGeneric } from "convex/server";

/** A function of this module, which its own cron runs. */
export const failingMutation = internalMutationGeneric(() => {
  throw new Error("the mutation of a cron failed");
});

export const failingAction = internalActionGeneric(() => {
  throw new Error("the action of a cron failed");
});

const crons = cronJobs();
crons.interval("mutation", { hours: 1 }, anyApi["crons"]!["failingMutation"]!);
crons.interval("action", { hours: 1 }, anyApi["crons"]!["failingAction"]!);
export default crons;
