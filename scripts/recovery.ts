/** Runs whose generator is gone are ended at once, not after their lease: at a start, and at a clean end. */
import type { Engine } from "../embedded/engine/types.ts";

/** The app's mutation for this: `convex/recovery.ts`. */
const END_ORPHANED_RUNS = "recovery:endOrphanedRuns";

type Progress = { ended: number; more: boolean };

/** Ends every run that a generator of this backend had taken. No generator may be working for them any more. */
export async function endOrphanedRuns(engine: Engine): Promise<void> {
  for (let more = true; more;) {
    const { result } = await engine.mutation({
      address: { component: "", path: END_ORPHANED_RUNS },
      args: {},
      identity: null,
      visibility: "any",
    });
    if (!result.ok) throw new Error(`${END_ORPHANED_RUNS} failed: ${result.error.message}`);
    ({ more } = result.value as Progress);
  }
}
