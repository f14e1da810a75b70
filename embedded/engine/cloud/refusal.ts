/**
 * What Convex answers not as a function's failure but as one of the deployment (`crates/errors/src/lib.rs`): HTTP clients
 * get the status, a client's socket is closed with 1013 and the code, after which it connects again and repeats its mutations.
 */
export class RefusalError extends Error {
  override name = "RefusalError";
  constructor(
    readonly code: "OptimisticConcurrencyControlFailure" | "TooManyConcurrentRequests",
    message: string,
  ) {
    super(message);
  }

  get httpStatus(): 429 | 503 {
    return this.code === "TooManyConcurrentRequests" ? 429 : 503;
  }
}
