import { v, type Infer } from "convex/values";
import type { QueryCtx } from "../../_generated/server";
import { localOwnerIsOn, setupCode } from "../settings";
import { shownProvider } from "../sessions/oidc/oidcSettings";
import { guestsAreOn, signUpPolicy } from "./doorSettings";
import { hasAccounts } from "./people";
import { ownerHasAccount } from "./register";

/**
 * How a page that has no session goes on. `machine`: whoever sits at this machine is its owner (provider `owner`). `guest`: whoever
 * comes is a guest (provider `anonymous`). `locked`: they say who they are. Then, whatever the kind: `needsOwner`, nobody has set the server
 * up, which the code that it printed is for; `signUp`, anybody may make an account; `provider`, what the OpenID Connect provider is called by which
 * people sign in too, null for none.
 */
export const vDoor = v.object({
  kind: v.union(v.literal("machine"), v.literal("guest"), v.literal("locked")),
  needsOwner: v.boolean(),
  signUp: v.boolean(),
  provider: v.union(v.string(), v.null()),
});
export type Door = Infer<typeof vDoor>;

export async function viewDoor(ctx: QueryCtx): Promise<Door> {
  const hasOwner = await ownerHasAccount(ctx);
  const rest = {
    needsOwner: !hasOwner && setupCode() !== null,
    signUp: hasOwner && (await signUpPolicy(ctx)) === "open",
    provider: shownProvider(),
  };
  if (localOwnerIsOn() && !(await hasAccounts(ctx))) return { kind: "machine", ...rest };
  return { kind: (await guestsAreOn(ctx)) ? "guest" : "locked", ...rest };
}
