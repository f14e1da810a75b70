import type { RequestMetadata } from "convex/server";
import type { Caller } from "./execution.ts";
import { newRequestId } from "./failures.ts";

/**
 * What `ctx.meta.getRequestMetadata()` says in mutations and actions; in all that they call it is the same. (Convex:
 * `request_metadata` in `crates/isolate/src/environment/udf/async_syscall.rs`.)
 */
export function requestMetadata({
  client,
  scheduledFunctionId = null,
  requestId,
}: Omit<Caller, "scheduledFunctionId"> & { scheduledFunctionId?: string | null }): RequestMetadata {
  return {
    ip: client?.ip ?? null,
    userAgent: client?.userAgent ?? null,
    requestId: requestId ?? newRequestId(),
    scheduledFunctionId,
    authToken: client?.authToken ?? null,
  };
}
