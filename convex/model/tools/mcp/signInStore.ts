import { internal } from "../../../_generated/api";
import type { Id } from "../../../_generated/dataModel";
import type { ActionCtx } from "../../../_generated/server";
import type { endRenewal, Renewal, StoredSignIn } from "./signIns";

/** A person's sign-ins, as the action that uses them reaches them. */
export type SignInStore = {
  userId: Id<"users">;
  /** Null when the person is not signed in. */
  read(server: string): Promise<StoredSignIn | null>;
  renew(server: string, version: string): Promise<Renewal>;
  endRenewal(server: string, version: string, end: Parameters<typeof endRenewal>[1]["end"]): Promise<null>;
};

export const signInStore = (
  ctx: Pick<ActionCtx, "runQuery" | "runMutation">,
  userId: Id<"users">,
): SignInStore => ({
  userId,
  read: (server) => ctx.runQuery(internal.mcp.read, { userId, server }),
  renew: (server, version) => ctx.runMutation(internal.mcp.renew, { userId, server, version }),
  endRenewal: (server, version, end) =>
    ctx.runMutation(internal.mcp.renewed, { userId, server, version, end }),
});
