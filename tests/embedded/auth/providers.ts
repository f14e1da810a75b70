/** Providers of tokens whose keys and answers the test chooses, and an authenticator that trusts them. */
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { CryptoKey, JWK } from "jose";
import { createAuthenticator } from "../../../embedded/auth/authenticator.ts";
import type { AuthProviderJson } from "../../../embedded/functions/types.ts";

export const ISSUER = "https://issuer.example";
export const CUSTOM_ISSUER = "https://custom.example";
export const OIDC: AuthProviderJson = { domain: ISSUER, applicationID: "app" };
export const CUSTOM: AuthProviderJson = {
  type: "customJwt",
  issuer: CUSTOM_ISSUER,
  jwks: `${CUSTOM_ISSUER}/keys`,
  algorithm: "ES256",
};

export type Key = { kid: string; privateKey: CryptoKey; jwk: JWK; alg: string };

export async function newKey(kid: string, alg = "RS256"): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, privateKey, alg, jwk: { ...(await exportJWK(publicKey)), kid, alg } };
}

export type Claims = Record<string, unknown>;

/** Seconds since the epoch. */
export const seconds = (): number => Math.floor(Date.now() / 1000);

/** A token of `ISSUER` for Ann, with other claims and header fields if given. */
export function sign(
  { privateKey, kid, alg }: Key,
  claims: Claims = {},
  header: Claims = {},
): Promise<string> {
  const now = seconds();
  return new SignJWT({ iss: ISSUER, sub: "ann", aud: "app", iat: now, exp: now + 60, ...claims })
    .setProtectedHeader({ alg, kid, ...header })
    .sign(privateKey);
}

/** A token with that header and those claims, which nobody signed. */
export function unsigned(header: Claims, claims: Claims): string {
  const part = (value: Claims): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part(header)}.${part(claims)}.AAAA`;
}

/** An issuer that publishes `keys`, and counts how often it was asked. */
export function setUp(keys: readonly Key[], providers: AuthProviderJson[] = [OIDC, CUSTOM]) {
  const fetched: string[] = [];
  let mode: "answers" | "fails" = "answers";
  let held: Promise<void> | null = null;
  /** How it answers from now on. */
  const answer = {
    fail: () => void (mode = "fails"),
    hang: () => {
      let release!: () => void;
      held = new Promise((resolve) => {
        release = resolve;
      });
      return { release };
    },
  };
  const fetch = async (url: string): Promise<Response> => {
    fetched.push(url);
    await held;
    if (mode === "fails") throw new Error("The issuer is down");
    if (url.endsWith("/openid-configuration")) {
      return Response.json({ issuer: ISSUER, jwks_uri: `${ISSUER}/keys` });
    }
    return Response.json({ keys: keys.map(({ jwk }) => jwk) });
  };
  return { authenticator: createAuthenticator({ providers: () => providers, fetch }), fetched, answer };
}

/** What the attempt throws, or `null`. */
export const failure = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => null,
    (error: unknown) => error,
  );
