import type { ConvexReactClient } from "convex/react";
import { api } from "../../convex/_generated/api";

const started = new Set<string>();

/**
 * Asks the server to generate now. Once per run and page; a call that does not arrive is nothing to repeat or report:
 * the server starts a run by itself when nobody has.
 */
export function startRun(convex: ConvexReactClient, runId: string | null) {
  if (runId === null || started.has(runId)) return;
  started.add(runId);
  convex.action(api.generate.start, { runId }).catch(() => undefined);
}
