import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { refuse } from "../budgets/limiter";
import { HOUR_MS, MAX_OPEN_UPLOADS } from "../settings";

/**
 * Whose an upload is. [G11] A person asks for a URL and gets a secret with it, which the browser sends as a parameter of the media type; it is
 * stored with the file, where nobody but the functions reads it. So a file belongs to who asked for its URL, whoever knows its id.
 */

const PARAMETER = "ticket";

/** What is to be sent as the `Content-Type` of the bytes. */
export const typeWithTicket = ({ mediaType, secret }: Pick<Doc<"uploadTickets">, "mediaType" | "secret">) =>
  `${mediaType}; ${PARAMETER}=${secret}`;

/** The ticket with which a stored file was uploaded, if it is still open. */
export async function ticketOf(
  ctx: QueryCtx,
  contentType: string | null | undefined,
): Promise<Doc<"uploadTickets"> | null> {
  const [, secret] = /;\s*ticket=([\w-]+)\s*$/.exec(contentType ?? "") ?? [];
  if (secret === undefined) return null;
  return await ctx.db
    .query("uploadTickets")
    .withIndex("by_secret", (q) => q.eq("secret", secret))
    .unique();
}

/** Tickets of the last hour: their files may still come. Errors: RATE_LIMITED, when there are too many. */
export async function openTickets(ctx: QueryCtx, userId: Id<"users">): Promise<Doc<"uploadTickets">[]> {
  const now = Date.now();
  const open = await ctx.db
    .query("uploadTickets")
    .withIndex("by_user", (q) => q.eq("userId", userId).gt("_creationTime", now - HOUR_MS))
    .take(MAX_OPEN_UPLOADS);
  const [oldest] = open;
  if (oldest && open.length === MAX_OPEN_UPLOADS)
    refuse("person", Math.ceil(oldest._creationTime + HOUR_MS - now));
  return open;
}

export async function issueTicket(
  ctx: MutationCtx,
  ticket: Pick<Doc<"uploadTickets">, "userId" | "mediaType" | "size">,
): Promise<string> {
  const secret = crypto.randomUUID();
  await ctx.db.insert("uploadTickets", { ...ticket, secret });
  return typeWithTicket({ ...ticket, secret });
}
