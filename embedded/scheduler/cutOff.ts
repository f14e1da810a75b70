import { RefusalError } from "../engine/cloud/refusal.ts";
import type { ActionOutcome } from "../functions/types.ts";

/** What Convex says of an action that ended without a result: with the server that ran it, or because it was refused. */
export const CUT_OFF = "Transient error while executing action";

/** For a promise of `runAction`: what becomes of an action that the deployment has refused, and not its function failed. */
export function asCutOff(error: unknown): ActionOutcome {
  if (error instanceof RefusalError)
    return { result: { ok: false, error: { message: CUT_OFF } }, logLines: [] };
  throw error;
}
