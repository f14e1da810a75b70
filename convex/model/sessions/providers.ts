import { Anonymous } from "@convex-dev/auth/providers/Anonymous";
import { ConvexCredentials } from "@convex-dev/auth/providers/ConvexCredentials";
import type { Value } from "convex/values";
import { internal } from "../../_generated/api";
import type { DataModel, Id } from "../../_generated/dataModel";
import { failure } from "../../shared/errors";
import type { Right } from "../accounts/register";
import { notingRefusal } from "../accounts/notingRefusal";
import { OIDC } from "../accounts/people";
import { enterByPassword, type Entry } from "../accounts/signIn";
import { enterByOidc } from "./oidc/enter";

/** The ways in, as the auth library wants them. */

/** `auth.signIn` with provider `owner`: a person at this machine, who is asked nothing. Errors: NOT_ALLOWED. */
const owner = ConvexCredentials<DataModel>({
  id: "owner",
  authorize: async (_params, ctx) => {
    const userId: Id<"users"> = await ctx.runMutation(internal.accounts.enterAsOwner, {});
    return { userId };
  },
});

/** `auth.signIn` with provider `password`: signing in, making an account, setting a new password by a link. `params` are an `Entry`. */
const password = ConvexCredentials<DataModel>({
  id: "password",
  authorize: async (params, ctx) => ({ userId: await enterByPassword(ctx, readEntry(params)) }),
});

/**
 * `auth.signIn` with provider `oidc`: coming back from the OpenID Connect provider to which `oidc.begin` has sent the browser. `params`: the
 * `query` of the address to which it came back, its `secret`, and `right`, by which somebody new comes in.
 */
const oidc = ConvexCredentials<DataModel>({
  id: OIDC,
  authorize: async ({ query, secret, right }, ctx) => {
    if (typeof query !== "string" || typeof secret !== "string")
      throw failure("INVALID_INPUT", '"query" and "secret" are texts.');
    const entry = { query, secret, right: right === undefined ? null : readRight(right) };
    return { userId: await notingRefusal(ctx, () => enterByOidc(ctx, entry), { byProvider: true }) };
  },
});

/** Errors: INVALID_INPUT. */
function readEntry(params: Partial<Record<string, Value | undefined>>): Entry {
  const text = (name: string): string => {
    const value = params[name];
    if (typeof value !== "string") throw failure("INVALID_INPUT", `"${name}" is missing.`);
    return value;
  };
  switch (params["flow"]) {
    case "signIn":
      return { flow: "signIn", login: text("login"), password: text("password") };
    case "reset":
      return { flow: "reset", secret: text("secret"), password: text("password") };
    case "register": {
      const account = { name: text("name"), login: text("login"), password: text("password") };
      return { flow: "register", right: readRight(params["right"]), ...account };
    }
    default:
      throw failure("INVALID_INPUT", '"flow" must be signIn, register or reset.');
  }
}

/** The mutation that it goes to checks it again. */
function readRight(value: Value | undefined): Right {
  const right = typeof value === "object" && value !== null ? (value as Partial<Record<string, Value>>) : {};
  const { kind, code, secret } = right;
  if (kind === "setUp" && typeof code === "string") return { kind, code };
  if (kind === "invitation" && typeof secret === "string") return { kind, secret };
  if (kind === "signUp" || kind === "own") return { kind };
  throw failure("INVALID_INPUT", '"right" must say why an account may be made.');
}

export const providers = [Anonymous, owner, password, oidc];
