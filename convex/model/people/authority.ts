import type { Doc, Id } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { findPerson } from "../accounts/people";

/**
 * Somebody over whom this admin may decide: the owner over all others, an admin over members. So nobody disables or deletes the owner,
 * or themselves. Errors: NOT_FOUND, NOT_ALLOWED.
 */
export async function requireSubordinate(
  ctx: QueryCtx,
  adminId: Id<"users">,
  userId: Id<"users">,
): Promise<Doc<"people">> {
  const person = await findPerson(ctx, userId);
  if (!person) throw failure("NOT_FOUND", "This person has no account here.");
  if (person.role === "owner") throw failure("NOT_ALLOWED", "The owner stays the owner.");
  const isOwner = (await findPerson(ctx, adminId))?.role === "owner";
  if (!isOwner && person.role !== "member") throw failure("NOT_ALLOWED", "Only the owner may do this.");
  return person;
}
