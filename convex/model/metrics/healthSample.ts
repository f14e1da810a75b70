import { v, type Infer } from "convex/values";

/** How the machinery is doing, in few figures. Validators alone, which the schema needs too. */
export const vHealth = v.object({
  /** Prompts and answers that are there twice. Must be 0. */
  duplicates: v.number(),
  /** Claimed runs that are silent for longer than their lease. 0, but for moments. */
  pastLease: v.number(),
  /** Live answers without a run, runs without an answer, and their like. Must be 0. */
  stuck: v.number(),
  /** Of the newest Stops, milliseconds; null when there were none. */
  stopP95Ms: v.union(v.number(), v.null()),
  /** Runs without a place. */
  waiting: v.number(),
  /** Of the newest runs, those that were ended for a generator that had died. */
  recovered: v.number(),
});
export type Health = Infer<typeof vHealth>;
