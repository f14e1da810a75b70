import { internal } from "../../_generated/api";
import type { ActionCtx } from "../../_generated/server";
import { failureData, type ErrorCode } from "../../shared/errors";

type Reasons = Partial<Record<ErrorCode, string>>;

/** What was guessed wrong (the set-up code, or a link), or who is kept out. Limits and weak passwords are not listed. */
const REASONS: Reasons = { WRONG_CODE: "code", LINK_ENDED: "link", ACCOUNT_DISABLED: "disabled" };

/** Coming back from a provider, everything that was refused but what a limit refused. */
const REASONS_OF_PROVIDER: Reasons = {
  NOT_ALLOWED: "oidc",
  SIGN_IN_ENDED: "oidc",
  PROVIDER_FAILED: "oidc",
  NAME_TAKEN: "oidc",
  ...REASONS,
};

/** Lets somebody in by `enter`. That they were not is listed in the audit, before they are told. `login`: what was typed, if anything. */
export async function notingRefusal<T>(
  ctx: ActionCtx,
  enter: () => Promise<T>,
  { login = null, byProvider = false }: { login?: string | null; byProvider?: boolean } = {},
): Promise<T> {
  try {
    return await enter();
  } catch (error) {
    const code = failureData(error)?.code;
    const detail = code && (byProvider ? REASONS_OF_PROVIDER : REASONS)[code];
    if (detail !== undefined) await ctx.runMutation(internal.accounts.noteFailure, { login, detail });
    throw error;
  }
}
