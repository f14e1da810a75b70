/** How people sign in by an OpenID Connect provider, as the owner's settings have it. */

export type OidcSettings = {
  /** As the provider's discovery document has it, to the character. */
  issuer: URL;
  clientId: string;
  /** Null for a public client, which PKCE protects. */
  clientSecret: string | null;
  /** What the button calls the provider. */
  name: string;
  scopes: string;
  /** The claim that names a person's groups: its name, or a path with dots such as `realm_access.roles`. */
  groupsClaim: string;
  /** Who is in one of these is an admin; who is in none is not. Null: admins are made by hand. */
  adminGroups: readonly string[] | null;
  /** Who is in one of these, or is an admin by a group, may come in, and nobody else. Null: the sign-up mode decides. */
  memberGroups: readonly string[] | null;
  /** Does an e-mail address count as verified where the provider does not say? */
  trustsEmail: boolean;
};

const DEFAULT_SCOPES = "openid profile email";

/** Null where no provider is set. Throws for settings that cannot work. */
export function oidcSettings(): OidcSettings | null {
  const issuer = setting("ISSUER");
  if (issuer === null) return null;
  const clientId = setting("CLIENT_ID");
  if (clientId === null)
    throw new Error("VERBATIM_OIDC_CLIENT_ID is missing, which VERBATIM_OIDC_ISSUER needs");
  return {
    issuer: issuerUrl(issuer),
    clientId,
    clientSecret: setting("CLIENT_SECRET"),
    name: providerName(),
    scopes: withOpenid(setting("SCOPES") ?? DEFAULT_SCOPES),
    groupsClaim: setting("GROUPS_CLAIM") ?? "groups",
    adminGroups: list("ADMIN_GROUPS"),
    memberGroups: list("MEMBER_GROUPS"),
    trustsEmail: setting("TRUST_EMAIL")?.toLowerCase() === "on",
  };
}

/** What the button of the sign-in page calls the provider; null where none is set. */
export const shownProvider = (): string | null => (setting("ISSUER") === null ? null : providerName());

const providerName = (): string => setting("NAME") ?? "single sign-on";

function setting(name: string): string | null {
  const value = process.env[`VERBATIM_OIDC_${name}`]?.trim() ?? "";
  return value === "" ? null : value;
}

function list(name: string): string[] | null {
  const value = setting(name);
  return value === null
    ? null
    : value
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== "");
}

const withOpenid = (scopes: string): string =>
  scopes.split(/\s+/).includes("openid") ? scopes : `openid ${scopes}`;

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Codes and secrets go there: over TLS, or not beyond this machine. */
function issuerUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.test(url.hostname))) return url;
  throw new Error(`VERBATIM_OIDC_ISSUER is "${text}", which is no https address`);
}
