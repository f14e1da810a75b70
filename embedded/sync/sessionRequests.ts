import type { Engine, MutationHooks } from "../engine/types.ts";
import { failureOfMessage } from "../functions/failures.ts";
import type { FunctionCall, MutationOutcome } from "../functions/types.ts";
import { clock } from "../clock.ts";

const TABLE = "_session_requests";

/** How long a request may be repeated: longer than a laptop sleeps with the page open. Convex keeps as long. */
const RECORD_LIFETIME_MS = 14 * 24 * 60 * 60 * 1000;

/** How often old records are looked for. They do no harm but for their space. */
const PRUNE_INTERVAL_MS = 60 * 60 * 1000;

/** Records removed in one transaction: few enough to hold nobody up. */
const PRUNE_BATCH = 256;

/**
 * Makes a client's mutation run exactly once however often it is sent (E4): its outcome is committed together with its
 * writes, and answers each repetition by whom it was made. A failure wrote nothing, so there is nothing to keep, and what is sent
 * again is run again, as on Convex (`write_mutation_status` in crates/application/src/application_function_runner/mod.rs).
 */
export function exactlyOnce(
  sessionId: string,
  requestId: number,
  { identity }: Pick<FunctionCall, "identity">,
): MutationHooks {
  const madeBy = identity?.tokenIdentifier ?? null;
  return {
    before: ({ system }) => {
      const [record] = system.query("", TABLE, "by_session_request", [sessionId, requestId], { limit: 1 });
      if (record === undefined) return null;
      // Older records do not say by whom they were made. What was made by nobody is often repeated by whom they have become.
      const maker = record["madeBy"] ?? null;
      if (maker !== null && maker !== madeBy) return madeBySomebodyElse();
      return JSON.parse(record["outcome"] as string) as MutationOutcome;
    },
    after: ({ system }, outcome) => {
      if (!outcome.result.ok) return;
      system.insert("", TABLE, { sessionId, requestId, madeBy, outcome: JSON.stringify(outcome) });
    },
  };
}

/** Neither run a second time nor told of: whoever has somebody's session id has not got their answers. */
function madeBySomebodyElse(): MutationOutcome {
  const error = failureOfMessage("This request was made by somebody else");
  return { result: { ok: false, error }, logLines: [] };
}

/** Removes records that no client repeats any more. Returns how many. */
export async function pruneSessionRequests(engine: Engine): Promise<number> {
  const oldest = clock.now() - RECORD_LIFETIME_MS;
  let removed = 0;
  for (;;) {
    const batch = await engine.transact(({ system }) => {
      const old = system.query("", TABLE, "by_creation_time", [], { limit: PRUNE_BATCH, upTo: oldest });
      for (const record of old) system.delete("", record["_id"] as string);
      return old.length;
    });
    removed += batch;
    if (batch < PRUNE_BATCH) return removed;
  }
}

/** Prunes now and every hour. Returns how to stop. */
export function startPruning(engine: Engine, onError: (error: unknown) => void): () => void {
  const prune = (): void => {
    pruneSessionRequests(engine).catch(onError);
  };
  prune();
  const timer = setInterval(prune, PRUNE_INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}
