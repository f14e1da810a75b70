import { v, type Infer } from "convex/values";
import { plainLine } from "../../../shared/plainLine";
import type { OidcSettings } from "./oidcSettings";

/** Who the provider says somebody is. */
export const vIdentity = v.object({
  /** The provider and its own, unchanging name of the person: the only thing by which they are known again. */
  accountId: v.string(),
  name: v.union(v.string(), v.null()),
  email: v.union(v.string(), v.null()),
  /** Does the provider vouch that the address is theirs? */
  isEmailVerified: v.boolean(),
  groups: v.array(v.string()),
});
export type Identity = Infer<typeof vIdentity>;

export type Claims = Readonly<Record<string, unknown>>;

const MAX_NAME_CHARS = 100;
const MAX_EMAIL_CHARS = 200;

/**
 * Reads what providers call the same things differently: Keycloak (`groups` by a mapper, or `realm_access.roles`), Authentik (`groups`), Entra (`groups`
 * with ids, `roles` with names; `email` without `email_verified`), Google (no groups).
 */
export function identityOf(
  issuer: string,
  subject: string,
  claims: Claims,
  settings: OidcSettings,
): Identity {
  const email = text(claims["email"])?.toLowerCase().slice(0, MAX_EMAIL_CHARS) ?? null;
  return {
    accountId: `${issuer} ${subject}`,
    name:
      (lineOf(claims["name"]) ?? lineOf(claims["preferred_username"]) ?? email)?.slice(0, MAX_NAME_CHARS) ??
      null,
    email,
    isEmailVerified: email !== null && isVerified(claims["email_verified"], settings.trustsEmail),
    groups: groupsOf(claims, settings.groupsClaim),
  };
}

/** Some providers write booleans as texts. Where nothing is said the owner's setting decides, and never against a "no". */
function isVerified(claim: unknown, byDefault: boolean): boolean {
  return claim === undefined || claim === null ? byDefault : claim === true || claim === "true";
}

/** A claim's own name may have dots too (`https://example.org/groups`): it goes before a path. */
function groupsOf(claims: Claims, path: string): string[] {
  const [first = "", ...rest] = path.split(".");
  const value = claims[path] ?? rest.reduce<unknown>((at, name) => fieldOf(at, name), claims[first]);
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((group): group is string => typeof group === "string" && group !== "");
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Claims)[name] : undefined;

/** As it can stand among others' names. */
const lineOf = (value: unknown): string | null => plainLine(text(value) ?? "") || null;

function text(value: unknown): string | null {
  const trimmed = typeof value === "string" ? value.trim() : "";
  return trimmed === "" ? null : trimmed;
}

/**
 * What a person's groups make of them. `refused`: the owner has named groups, and they are in none. `role` null: no group decides it.
 */
export type Standing =
  { kind: "refused" } | { kind: "welcome"; isInvited: boolean; role: "admin" | "member" | null };

/** Looked at with each sign-in, so that who has left a group has left it here too. */
export function standingOf(
  { groups }: Pick<Identity, "groups">,
  { adminGroups, memberGroups }: Pick<OidcSettings, "adminGroups" | "memberGroups">,
): Standing {
  const isAmong = (named: readonly string[] | null) =>
    named?.some((group) => groups.includes(group)) ?? false;
  const isAdmin = isAmong(adminGroups);
  const isMember = isAdmin || isAmong(memberGroups);
  if (memberGroups !== null && !isMember) return { kind: "refused" };
  const role = isAdmin ? "admin" : adminGroups === null ? null : "member";
  return { kind: "welcome", isInvited: isMember, role };
}
