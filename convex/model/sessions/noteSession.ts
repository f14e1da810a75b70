import type { Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { recordOwnAudit } from "../accounts/audit";
import { findDevice, forgetEndedDevices, noteDevice, type OpenedBy } from "../accounts/devices";
import { findIdentity, findPerson, hasPassword } from "../accounts/people";
import { namedByToken } from "./namedByToken";

/** What the auth library's `store` has done to sessions is brought into the list of devices, in the same transaction. */
export async function noteSession(
  ctx: MutationCtx,
  { type }: { type: string },
  result: unknown,
): Promise<void> {
  switch (type) {
    case "signIn": {
      const { userId, sessionId } = result as { userId: Id<"users">; sessionId: Id<"authSessions"> };
      await forgetCallersDevice(ctx);
      await forgetEndedDevices(ctx, userId);
      const how = await openedBy(ctx, userId);
      await noteDevice(ctx, { userId, sessionId, openedBy: how });
      // Guests come and go, and have no account.
      if (how !== "guest") await recordOwnAudit(ctx, userId, { kind: "signedIn", detail: how });
      return;
    }
    case "refreshSession": {
      const sessionPart = (result as { refreshToken: string } | null)?.refreshToken.split("|")[1];
      const sessionId = ctx.db.normalizeId("authSessions", sessionPart ?? "");
      const session = sessionId && (await ctx.db.get("authSessions", sessionId));
      if (session) await noteDevice(ctx, { userId: session.userId, sessionId: session._id });
      return;
    }
    case "signOut":
      await forgetCallersDevice(ctx);
  }
}

/** The session of whoever calls has ended: by signing out, or in again. */
async function forgetCallersDevice(ctx: MutationCtx): Promise<void> {
  const sessionId = ctx.db.normalizeId("authSessions", (await namedByToken(ctx))?.sessionId ?? "");
  if (sessionId === null || (await ctx.db.get("authSessions", sessionId))) return;
  const device = await findDevice(ctx, sessionId);
  if (device) await ctx.db.delete("devices", device._id);
}

async function openedBy(ctx: MutationCtx, userId: Id<"users">): Promise<OpenedBy> {
  if (await hasPassword(ctx, userId)) return "password";
  if (await findIdentity(ctx, userId)) return "oidc";
  return (await findPerson(ctx, userId)) ? "machine" : "guest";
}
