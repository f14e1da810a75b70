import { exportJWK, exportPKCS8, generateKeyPair } from "jose";
import { beforeAll, beforeEach, vi } from "vitest";

/** Has each test of the file sign tokens with keys that are made once. Before `useFakeTime`. */
export function useSigningKeys(): void {
  let keys: { JWT_PRIVATE_KEY: string; JWKS: string };
  beforeAll(async () => {
    const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
    keys = {
      JWT_PRIVATE_KEY: await exportPKCS8(privateKey),
      JWKS: JSON.stringify({ keys: [{ use: "sig", ...(await exportJWK(publicKey)) }] }),
    };
  });
  beforeEach(() => {
    vi.stubEnv("JWT_PRIVATE_KEY", keys.JWT_PRIVATE_KEY);
    vi.stubEnv("JWKS", keys.JWKS);
    vi.stubEnv("CONVEX_SITE_URL", "http://127.0.0.1:3210");
  });
}
