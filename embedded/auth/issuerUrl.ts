/** Some issuers leave out the scheme in their tokens, and people in `auth.config.ts`. */
export const withScheme = (issuer: string): string =>
  /^https?:\/\//.test(issuer) ? issuer : `https://${issuer}`;

/** Issuers' own names have a slash at the end where what is configured has none. */
export const withoutSlash = (issuer: string): string => issuer.replace(/\/+$/, "");
