import { UserError } from "../functions/types.ts";

/**
 * No place came free in time, and nothing was run: who asked may ask again later. As on Convex it reaches a client by the
 * end of its connection (1013, after which the official client comes back by itself), over HTTP by status 429, and an action
 * that called another as an exception.
 */
export class TooManyRequestsError extends UserError {
  override name = "TooManyRequestsError";
  /** The reason that official clients know. */
  static readonly code = "TooManyConcurrentRequests";

  constructor(places: number, kind: "action" | "http action") {
    super(
      `Too many concurrent requests. Your backend is limited to ${places} concurrent ${kind}s. Try again later.`,
      TooManyRequestsError.code,
    );
  }
}
