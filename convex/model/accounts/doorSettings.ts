import { v, type Infer } from "convex/values";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { guestsVariable, signUpVariable, type SignUpPolicy } from "../settings";
import { recordAudit } from "./audit";

/**
 * Who may come in: by the environment where it says so, which whoever runs the machine can always change; else as the owner has set it on
 * their page; else by invitation, and no guests.
 */

export const vSignUp = v.union(v.literal("invitation"), v.literal("open"), v.literal("closed"));

/** What the owner has set; null: nothing. */
type DoorSettings = Omit<Doc<"doorSettings">, "_id" | "_creationTime">;

const NOTHING_SET: DoorSettings = { signUp: null, guests: null };

async function readSettings(ctx: QueryCtx): Promise<DoorSettings> {
  const row = await ctx.db.query("doorSettings").first();
  return row === null ? NOTHING_SET : { signUp: row.signUp, guests: row.guests };
}

/** Who may make an account. */
export async function signUpPolicy(ctx: QueryCtx): Promise<SignUpPolicy> {
  return signUpVariable() ?? (await readSettings(ctx)).signUp ?? "invitation";
}

/** May whoever opens the page be a guest? */
export async function guestsAreOn(ctx: QueryCtx): Promise<boolean> {
  return guestsVariable() ?? (await readSettings(ctx)).guests ?? false;
}

const vSetBy = v.union(v.literal("environment"), v.literal("owner"), v.literal("default"));

/** What is in force, and what says so. */
export const vDoorInForce = v.object({
  signUp: v.object({ value: vSignUp, setBy: vSetBy }),
  guests: v.object({ value: v.boolean(), setBy: vSetBy }),
});

/** What is in force, and what says so. */
export async function viewDoorSettings(ctx: QueryCtx): Promise<Infer<typeof vDoorInForce>> {
  const set = await readSettings(ctx);
  const setBy = (variable: unknown, setting: unknown) =>
    variable !== null ? "environment" : setting !== null ? "owner" : "default";
  return {
    signUp: { value: await signUpPolicy(ctx), setBy: setBy(signUpVariable(), set.signUp) },
    guests: { value: await guestsAreOn(ctx), setBy: setBy(guestsVariable(), set.guests) },
  };
}

/** Keeps what the owner sets; what is left out stays. It holds where the environment says nothing. */
export async function setDoor(
  ctx: MutationCtx,
  ownerId: Id<"users">,
  changes: { signUp?: SignUpPolicy; guests?: boolean },
): Promise<null> {
  const row = await ctx.db.query("doorSettings").first();
  const settings = { ...(await readSettings(ctx)), ...changes };
  if (row) await ctx.db.patch("doorSettings", row._id, settings);
  else await ctx.db.insert("doorSettings", settings);
  const detail = [
    ...(changes.signUp === undefined ? [] : [`signUp=${changes.signUp}`]),
    ...(changes.guests === undefined ? [] : [`guests=${changes.guests ? "on" : "off"}`]),
  ].join(" ");
  await recordAudit(ctx, { kind: "doorChanged", actorId: ownerId, detail });
  return null;
}
