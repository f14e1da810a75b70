/** A backend whose people sign in with tokens that the test makes. */
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { Backend, BackendOptions } from "../../../embedded/backend.ts";
import { serve } from "./backend.ts";

export type Issuer = { backend: Backend; tokenFor: (subject: string, lifetimeS?: number) => Promise<string> };

export async function serveWithKeys(options: Partial<BackendOptions> = {}): Promise<Issuer> {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: "1", alg: "RS256", use: "sig" };
  const backend = await serve({ ...options, env: { JWKS: JSON.stringify({ keys: [jwk] }) } });
  return {
    backend,
    tokenFor: (subject, lifetimeS = 3600) => {
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({ iss: backend.url, sub: subject, aud: "convex", iat: now, exp: now + lifetimeS })
        .setProtectedHeader({ alg: "RS256", kid: "1" })
        .sign(privateKey);
    },
  };
}
