import type { ConvexError } from "convex/values";
import type { QueryCtx } from "../../_generated/server";
import { failure, type ErrorData } from "../../shared/errors";
import { namedByToken } from "../sessions/namedByToken";
import { findPerson } from "./people";

/** People whom an admin keeps out: they have no sessions, and get none. */

const disabled = () =>
  failure("ACCOUNT_DISABLED", "Your account is disabled. Please ask an admin of this server.");

/** For whoever is about to be let in; `userId` may be anything. Errors: ACCOUNT_DISABLED. */
export async function requireEnabled(ctx: QueryCtx, userId: unknown): Promise<void> {
  if (await isDisabled(ctx, userId)) throw disabled();
}

/** Is this somebody whom an admin keeps out? */
export async function isDisabled(ctx: QueryCtx, userId: unknown): Promise<boolean> {
  const id = typeof userId === "string" ? ctx.db.normalizeId("users", userId) : null;
  return id !== null && (await findPerson(ctx, id))?.disabledAt !== undefined;
}

/** What somebody without a session is told: that it has ended, or, by their own token, that they are disabled. */
export async function refusalOf(ctx: QueryCtx): Promise<ConvexError<ErrorData>> {
  const named = await namedByToken(ctx);
  return named !== null && (await isDisabled(ctx, named.userId)) ? disabled() : ended();
}

/** The same where only that is known. */
export const ended = () => failure("UNAUTHENTICATED", "Your session has ended. Please reload the page.");
