import { internal } from "../../../_generated/api";
import type { Id } from "../../../_generated/dataModel";
import type { ActionCtx } from "../../../_generated/server";
import { failure } from "../../../shared/errors";
import type { Right } from "../../accounts/register";
import { digestOf, newSecret } from "../../accounts/secrets";
import type { Admission } from "./admit";
import { oidcSettings, type OidcSettings } from "./oidcSettings";
import { authorizationUrl, identityByCode } from "./provider";

/** The two halves of a sign-in by the provider: leaving for it, and coming back. */

/** The page to which the provider sends people back; registered there, with the origin before it. */
const RETURN_PATH = "/oidc";

/** Characters of an origin, by the longest name that the net has (RFC 1035), with its scheme and port. Whoever begins has it kept for a while. */
const MAX_ORIGIN_CHARS = 270;

/**
 * Begins a sign-in of a page of this origin. `secret` is for the browser alone, which must show it when it comes back.
 * Errors: NOT_ALLOWED, PROVIDER_FAILED, RATE_LIMITED.
 */
export async function beginOidc(ctx: ActionCtx, origin: string): Promise<{ url: string; secret: string }> {
  const settings = requireSettings();
  const redirectUri = returnAddress(origin);
  const [state, secret, nonce, codeVerifier] = [newSecret(), newSecret(), newSecret(), newSecret(32)];
  const digests = { stateDigest: await digestOf(state), secretDigest: await digestOf(secret) };
  await ctx.runMutation(internal.oidc.addAttempt, { ...digests, redirectUri, nonce, codeVerifier });
  return { url: await authorizationUrl(settings, { redirectUri, state, nonce, codeVerifier }), secret };
}

/** `query`: what the provider has added to the address. `right`: by which somebody new comes in, or to whose account it is to belong. */
export type Return = { query: string; secret: string; right: Right | null };

/** Whose account it is. Errors: NOT_ALLOWED, SIGN_IN_ENDED, PROVIDER_FAILED, NAME_TAKEN, and those of `register`. */
export async function enterByOidc(ctx: ActionCtx, { query, secret, right }: Return): Promise<Id<"users">> {
  const settings = requireSettings();
  const parameters = new URLSearchParams(query);
  const state = parameters.get("state") ?? "";
  const attempt = await ctx.runMutation(internal.oidc.takeAttempt, {
    stateDigest: await digestOf(state),
    secretDigest: await digestOf(secret),
  });
  const identity = await identityByCode(settings, { ...attempt, state, query: parameters });
  if (right !== null && right.kind !== "own")
    await ctx.runMutation(internal.accounts.takeTry, { shown: right });
  const admission: Admission = await ctx.runMutation(internal.oidc.admit, { identity, right });
  switch (admission.kind) {
    case "refused":
      throw failure("NOT_ALLOWED", `${settings.name} has not given your account access to this server.`);
    case "entered":
      await ctx.runMutation(internal.accounts.bringGuest, { userId: admission.userId });
      return admission.userId;
    default:
      return admission satisfies never;
  }
}

function requireSettings(): OidcSettings {
  const settings = oidcSettings();
  if (settings === null) throw failure("NOT_ALLOWED", "Nobody signs in here by a provider.");
  return settings;
}

/** Which origins may be come back to is known to the provider; where the owner has said which is theirs, it is that one. */
function returnAddress(origin: string): string {
  const site = process.env["SITE_URL"];
  const own = site === undefined || site === "" ? null : new URL(site).origin;
  const page = origin.length <= MAX_ORIGIN_CHARS && URL.canParse(origin) ? new URL(origin) : null;
  if (page === null || page.origin !== origin || !page.protocol.startsWith("http"))
    throw failure("INVALID_INPUT", "This is not an origin.");
  if (own !== null && own !== origin)
    throw failure("NOT_ALLOWED", `Please sign in at ${own}, which is this server's address.`);
  return origin + RETURN_PATH;
}
