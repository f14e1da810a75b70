/** Runs whose generator is gone are ended at once, not after their lease: at a start, and at a clean end. */
import type { Engine } from "../embedded/engine/types.ts";

type Orphans = { runIds: string[]; taskIds: string[] };

/**
 * Ends every run that a generator of this backend had taken, each in a transaction of its own. No generator may be working for them any
 * more. What fails for one is logged and keeps neither the others nor the start.
 */
export async function endOrphanedRuns(engine: Engine): Promise<void> {
  const failed = new Set<string>();
  const attempt = async (path: string, args: Record<string, string>): Promise<void> => {
    const { result } = await engine.mutation({ address: { component: "", path }, args, ...AS_SERVER });
    if (result.ok) return;
    console.error(`[RECOVERY] ${path} failed for ${JSON.stringify(args)}: ${result.error.message}`);
    failed.add(Object.values(args).join());
  };
  for (;;) {
    const { runIds, taskIds } = await listOrphans(engine);
    const tasks = taskIds.filter((taskId) => !failed.has(taskId));
    const runs = runIds.filter((runId) => !failed.has(runId));
    if (tasks.length + runs.length === 0) return;
    for (const taskId of tasks) await attempt("recovery:adopt", { taskId });
    for (const runId of runs) await attempt("recovery:endOrphan", { runId });
  }
}

const AS_SERVER = { identity: null, visibility: "any" } as const;

/** The app's functions for this: `convex/recovery.ts`. */
async function listOrphans(engine: Engine): Promise<Orphans> {
  const address = { component: "", path: "recovery:listOrphans" };
  const { result } = await engine.query({ address, args: {}, ...AS_SERVER });
  if (result.ok) return result.value as Orphans;
  console.error(`[RECOVERY] ${address.path} failed: ${result.error.message}`);
  return { runIds: [], taskIds: [] };
}
