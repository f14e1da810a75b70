import type { QueryCtx } from "../../_generated/server";

/** Between the two halves of a token's subject, as the auth library writes it. */
const DIVIDER = "|";

/**
 * The person and the session that the caller's token names; null if there is no token. Both may be anything, and the session may be
 * missing in a token that was made elsewhere. The library's own readers come with all of the library, which each push would
 * bundle for the Node.js runtime too.
 */
export async function namedByToken({
  auth,
}: Pick<QueryCtx, "auth">): Promise<{ userId: string; sessionId: string | null } | null> {
  const identity = await auth.getUserIdentity();
  if (identity === null) return null;
  const [userId = "", sessionId = ""] = identity.subject.split(DIVIDER);
  return { userId, sessionId: sessionId || null };
}
