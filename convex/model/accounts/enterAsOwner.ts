import type { MutationCtx } from "../../_generated/server";
import type { Id } from "../../_generated/dataModel";
import { failure } from "../../shared/errors";
import { localOwnerIsOn } from "../settings";
import { hasAccounts, ownerId } from "./people";

const LOOPBACK = /^(127(\.\d+){3}|::1)$/;

/**
 * Is the caller a person at the machine on which the backend runs? The embedded backend tells an address of loopback of nobody else
 * (E16.14 of `embedded/SPEC.md`).
 */
async function isAtThisMachine(ctx: MutationCtx): Promise<boolean> {
  const { ip } = await ctx.meta.getRequestMetadata();
  return ip !== null && LOOPBACK.test(ip);
}

/**
 * Lets a person at this machine in as its owner, without a question, until a password is set. [G14]
 * Errors: NOT_ALLOWED.
 */
export async function enterAsOwner(ctx: MutationCtx): Promise<Id<"users">> {
  if (!localOwnerIsOn() || !(await isAtThisMachine(ctx)) || (await hasAccounts(ctx))) {
    throw failure("NOT_ALLOWED", "This server wants to know who you are. Please sign in.");
  }
  return await ownerId(ctx);
}
