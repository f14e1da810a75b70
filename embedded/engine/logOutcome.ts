import { newRequestId } from "../functions/failures.ts";
import type { FunctionCall, FunctionFailure, MutationOutcome } from "../functions/types.ts";
import type { Log } from "../log.ts";

type Outcome = Pick<MutationOutcome, "result" | "logLines">;
type RequestIdOf = (failure: FunctionFailure) => string;

/** Says in a failure which request it is of, unless it says so already. */
export function nameRequest(
  call: FunctionCall,
  { result }: Outcome,
  requestIdOf: RequestIdOf = newRequestId,
): void {
  if (!result.ok) result.error.requestId ??= call.requestId ?? requestIdOf(result.error);
}

/** Logs what a function said, and with what it failed; names the request in the failure. */
export function logOutcome(log: Log, call: FunctionCall, outcome: Outcome, requestIdOf?: RequestIdOf): void {
  for (const line of outcome.logLines) log.functionLine(call.address.path, line, call.client?.payer);
  nameRequest(call, outcome, requestIdOf);
  if (!outcome.result.ok) log.functionFailed(call, outcome.result.error);
}
