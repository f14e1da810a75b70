import { v, type Infer } from "convex/values";
import type { MutationCtx } from "../../_generated/server";
import { callersNetwork } from "../budgets/address";
import { refuse, take, type Charge } from "../budgets/limiter";
import { isOpenLink } from "./links";
import { isUnguessableCode, vRight } from "./register";

/**
 * Guessing is bounded: each try is paid for before it is looked at, by the person and address together, by the address, and by the person.
 * A stranger who uses up theirs keeps nobody out who comes from elsewhere, unless they have as many addresses as the last allows.
 * Errors: RATE_LIMITED.
 */
export async function takeTry(ctx: MutationCtx, whose: string): Promise<void> {
  const network = (await callersNetwork(ctx)) ?? "unknown";
  await pay(ctx, [
    [{ name: "triesOfPersonAtAddress", key: `${whose} ${network}` }, "address"],
    [{ name: "triesOfAddress", key: network }, "address"],
    [{ name: "triesOfPerson", key: whose }, "server"],
  ]);
}

/** What somebody shows to make an account, or to set a password. */
export const vShown = v.union(vRight, v.object({ kind: v.literal("reset"), secret: v.string() }));
type Shown = Infer<typeof vShown>;

/**
 * Pays for what somebody shows. Links, and codes as the server makes them, cannot be guessed however many try: whoever has the right one pays for the hash
 * of a password alone, and is let in whatever strangers have tried meanwhile. Errors: RATE_LIMITED.
 */
export async function takeTryOf(ctx: MutationCtx, shown: Shown): Promise<void> {
  if (!(await isRight(ctx, shown))) {
    await takeTry(ctx, whoseTry(shown));
    return;
  }
  const network = (await callersNetwork(ctx)) ?? "unknown";
  await pay(ctx, [[{ name: "triesOfAddress", key: network }, "address"]]);
}

async function isRight(ctx: MutationCtx, shown: Shown): Promise<boolean> {
  switch (shown.kind) {
    case "invitation":
    case "reset":
      return await isOpenLink(ctx, shown.secret, shown.kind);
    case "setUp":
      return await isUnguessableCode(shown.code);
    case "signUp":
    case "own":
      return false;
    default:
      return shown satisfies never;
  }
}

/** All who try the code share one budget; so do all who try links, and all who sign up. */
function whoseTry({ kind }: Shown): string {
  switch (kind) {
    case "setUp":
      return "the code";
    case "invitation":
    case "reset":
      return "the link";
    case "signUp":
    case "own":
      return "a new account";
    default:
      return kind satisfies never;
  }
}

async function pay(ctx: MutationCtx, charges: [Charge, "address" | "server"][]): Promise<void> {
  for (const [charge, scope] of charges) {
    const waitMs = await take(ctx, charge);
    if (waitMs !== null) refuse(scope, waitMs);
  }
}
