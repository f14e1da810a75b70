import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { CryptoKey, JWK } from "jose";
import { describe, expect, test, vi } from "vitest";
import { createAuthenticator } from "../../../embedded/auth/authenticator.ts";
import { AuthenticationError } from "../../../embedded/auth/types.ts";
import type { AuthProviderJson } from "../../../embedded/functions/types.ts";

const ISSUER = "https://issuer.example";
const OIDC: AuthProviderJson = { domain: ISSUER, applicationID: "app" };
const CUSTOM: AuthProviderJson = {
  type: "customJwt",
  issuer: "https://custom.example",
  jwks: "https://custom.example/keys",
  algorithm: "ES256",
};

type Key = { kid: string; privateKey: CryptoKey; jwk: JWK; alg: string };

async function newKey(kid: string, alg = "RS256"): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, privateKey, alg, jwk: { ...(await exportJWK(publicKey)), kid, alg } };
}

type Claims = { iss?: string; sub?: string; aud?: string | string[]; exp?: number } & Record<string, unknown>;

function sign({ privateKey, kid, alg }: Key, claims: Claims = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ iss: ISSUER, sub: "ann", aud: "app", iat: now, exp: now + 60, ...claims })
    .setProtectedHeader({ alg, kid })
    .sign(privateKey);
}

/** An issuer that publishes `keys`, and counts how often it was asked. */
function setUp(keys: Key[], providers: AuthProviderJson[] = [OIDC, CUSTOM]) {
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

const failure = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => null,
    (error: unknown) => error,
  );

describe("[E11] OpenID Connect", () => {
  test("[E11.3] claims by the names of `ctx.auth.getUserIdentity()`; those of the token itself are left out", async () => {
    const key = await newKey("1");
    const { authenticator } = setUp([key]);
    const token = await sign(key, {
      ...{
        name: "Ann",
        given_name: "A",
        email: "ann@example.org",
        email_verified: true,
        picture: "p",
        locale: "de",
      },
      ...{
        updated_at: 0,
        address: { formatted: "Street 1" },
        role: "admin",
        nested: { a: 1 },
        jti: "x",
        nonce: "n",
      },
    });
    expect((await authenticator.authenticate(token)).identity).toEqual({
      tokenIdentifier: `${ISSUER}|ann`,
      issuer: ISSUER,
      subject: "ann",
      name: "Ann",
      givenName: "A",
      email: "ann@example.org",
      emailVerified: true,
      pictureUrl: "p",
      language: "de",
      updatedAt: "1970-01-01T00:00:00.000Z",
      address: "Street 1",
      role: "admin",
      nested: { a: 1 },
    });
  });

  test("[E11.2] keys are fetched once, and again for a key that is not known", async () => {
    const keys = [await newKey("1")];
    const { authenticator, fetched } = setUp(keys);
    await Promise.all([1, 2, 3].map(async () => authenticator.authenticate(await sign(keys[0]!))));
    expect(fetched).toHaveLength(2);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 20_000 });
    try {
      const rotated = await newKey("2");
      keys[0] = rotated;
      await authenticator.authenticate(await sign(rotated));
      expect(fetched).toHaveLength(4);
      // Made-up key ids do not become requests.
      const forged = await newKey("forged");
      for (let i = 0; i < 5; i++)
        expect(await failure(authenticator.authenticate(await sign(forged)))).toBeInstanceOf(
          AuthenticationError,
        );
      expect(fetched).toHaveLength(4);
    } finally {
      vi.useRealTimers();
    }
  });

  test("[E11.2] a made-up key id and an issuer that does not answer lock nobody out", async () => {
    const key = await newKey("1");
    const { authenticator, fetched, answer } = setUp([key]);
    const token = await sign(key, { exp: Math.floor(Date.now() / 1000) + 24 * 3600 });
    await authenticator.authenticate(token);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 20_000 });
    try {
      const { release } = answer.hang();
      const forged = failure(authenticator.authenticate(await sign(await newKey("forged"))));
      await expect.poll(() => fetched).toHaveLength(3);
      // While the issuer is asked for newer keys, the known ones go on.
      expect((await authenticator.authenticate(token)).identity.subject).toBe("ann");
      answer.fail();
      release();
      expect(await forged).toBeInstanceOf(AuthenticationError);
      expect((await authenticator.authenticate(token)).identity.subject).toBe("ann");
      // Old keys are used while newer ones are asked for, and at last only when those cannot be had.
      for (const hours of [1.5, 3]) {
        vi.setSystemTime(Date.now() + hours * 3_600_000);
        expect((await authenticator.authenticate(token)).identity.subject).toBe("ann");
      }
    } finally {
      vi.useRealTimers();
    }
  });

  test.each([
    ["expired", { exp: 1 }],
    ["without an expiry", { exp: undefined }],
    ["without a subject", { sub: undefined }],
  ])("[E11.4] a token that is %s is refused in Convex's words", async (_title, claims) => {
    const key = await newKey("1");
    const { authenticator } = setUp([key]);
    expect(await failure(authenticator.authenticate(await sign(key, claims as Claims)))).toMatchObject({
      name: "AuthenticationError",
      code: "Unauthenticated",
      message: expect.stringContaining("Could not verify OIDC token claim"),
    });
  });

  test("[E11.1] a forged signature and a foreign algorithm are refused", async () => {
    const key = await newKey("1");
    const { authenticator } = setUp([key]);
    const [header, , signature] = (await sign(key)).split(".");
    const [, payload] = (await sign(key, { sub: "bob" })).split(".");
    expect(await failure(authenticator.authenticate([header, payload, signature].join(".")))).toBeInstanceOf(
      AuthenticationError,
    );
    const other = await newKey("1", "PS256");
    const { authenticator: takesOther } = setUp([other]);
    expect(await failure(takesOther.authenticate(await sign(other)))).toBeInstanceOf(AuthenticationError);
  });

  test("[E11.4] foreign issuers and audiences, and what is no token, are refused before anything is fetched", async () => {
    const key = await newKey("1");
    const { authenticator, fetched } = setUp([key], [OIDC]);
    const words = async (token: string) =>
      ((await failure(authenticator.authenticate(token))) as Error).message;
    expect(await words(await sign(key, { iss: "https://evil.example" }))).toBe(
      "No auth provider found matching the given token. Check that your JWT's issuer and audience match one of your " +
        "configured providers: [OIDC(domain=https://issuer.example, app_id=app)]",
    );
    expect(await words(await sign(key, { aud: "other" }))).toContain("No auth provider found");
    expect(await words("nonsense")).toContain("Could not parse JWT payload");
    expect(await words(await sign(key, { iss: undefined as never }))).toContain("Missing issuer claim");
    expect(fetched).toEqual([]);
    const { authenticator: withoutAny } = setUp([key], []);
    expect(((await failure(withoutAny.authenticate(await sign(key)))) as Error).message).toContain(
      "no providers configured",
    );
  });

  test("[E11.4] an issuer that cannot be asked is not the token's fault, and is asked again", async () => {
    const key = await newKey("1");
    let isUp = false;
    const { authenticator: working } = setUp([key]);
    expect(await working.authenticate(await sign(key))).toBeTruthy();
    const authenticator = createAuthenticator({
      providers: () => [OIDC],
      fetch: (url) =>
        isUp
          ? Promise.resolve(
              Response.json(url.endsWith("keys") ? { keys: [key.jwk] } : { jwks_uri: `${ISSUER}/keys` }),
            )
          : Promise.reject(new Error("unreachable")),
    });
    expect(await failure(authenticator.authenticate(await sign(key)))).not.toBeInstanceOf(
      AuthenticationError,
    );
    isUp = true;
    expect(await authenticator.authenticate(await sign(key))).toBeTruthy();
  });
});

describe("[E11] custom JWT", () => {
  test("[E11.3] its own claims by their names, nested ones by dotted paths; without an application id any audience", async () => {
    const key = await newKey("1", "ES256");
    const { authenticator } = setUp([key]);
    const token = await sign(key, {
      iss: "https://custom.example",
      aud: "anything",
      plan: "pro",
      org: { id: 7, tags: ["a"] },
    });
    expect((await authenticator.authenticate(token)).identity).toEqual({
      tokenIdentifier: "https://custom.example|ann",
      issuer: "https://custom.example",
      subject: "ann",
      plan: "pro",
      "org.id": 7,
      "org.tags": ["a"],
    });
  });

  test("[E11.1] another algorithm than the provider's is refused", async () => {
    const key = await newKey("1", "RS256");
    const { authenticator } = setUp([key]);
    const token = await sign(key, { iss: "https://custom.example" });
    expect(await failure(authenticator.authenticate(token))).toBeInstanceOf(AuthenticationError);
  });

  const CUSTOM_CLAIMS = { iss: "https://custom.example" };
  const seconds = () => Math.floor(Date.now() / 1000);

  // `from_custom_jwt` in convex-backend's crates/keybroker/src/broker.rs.
  test("[E11.3] claims that only OpenID Connect knows are the app's own in a custom JWT", async () => {
    const key = await newKey("1", "ES256");
    const { authenticator } = setUp([key]);
    const own = { azp: "client", nonce: "n", auth_time: 1, acr: "0", amr: ["pwd"] };
    const token = await sign(key, { ...CUSTOM_CLAIMS, ...own, jti: "x", nbf: 1, fva: [1, 2] });
    expect((await authenticator.authenticate(token)).identity).toEqual({
      tokenIdentifier: "https://custom.example|ann",
      issuer: "https://custom.example",
      subject: "ann",
      ...own,
    });
  });

  // `validate_id_token` in convex-backend's crates/authentication/src/lib.rs.
  test("[E11.7] clocks may differ by 5 s; beyond, tokens of the past and of the future are refused", async () => {
    const key = await newKey("1", "ES256");
    const { authenticator } = setUp([key]);
    const attempt = async (claims: Claims) =>
      failure(authenticator.authenticate(await sign(key, { ...CUSTOM_CLAIMS, ...claims })));
    expect(await attempt({ exp: seconds() - 2 })).toBeNull();
    expect(await attempt({ iat: seconds() + 3 })).toBeNull();
    expect(await attempt({ exp: seconds() - 100 })).toMatchObject({
      code: "InvalidAuthHeader",
      message: expect.stringMatching(/^Could not validate token: Token expired 10\d seconds ago$/) as string,
    });
    expect(await attempt({ iat: seconds() + 60 })).toMatchObject({
      code: "InvalidAuthHeader",
      message: "Could not validate token: Token was issued in the future",
    });
    expect(await attempt({ nbf: seconds() + 60 })).toMatchObject({ code: "InvalidAuthHeader" });
  });

  test("[E11.7] a token that does not name its key, or an unknown one, is refused by name", async () => {
    const key = await newKey("1", "ES256");
    const { authenticator } = setUp([key]);
    const unnamed = { ...key, kid: undefined as unknown as string };
    const unknown = { ...key, kid: "2" };
    expect(await failure(authenticator.authenticate(await sign(unnamed, CUSTOM_CLAIMS)))).toMatchObject({
      code: "InvalidAuthHeader",
      message: "Could not decode token. JWT may be missing a 'kid' (key ID) header.",
    });
    expect(await failure(authenticator.authenticate(await sign(unknown, CUSTOM_CLAIMS)))).toMatchObject({
      message: expect.stringContaining("header is '2', does this key match any key") as string,
    });
  });

  test.each([
    [
      "no JSON",
      () => new Response("<html>", { headers: { "content-type": "application/json" } }),
      "not valid JSON",
    ],
    ["no key set", () => Response.json({ nothing: true }), "Invalid JWKS response body"],
    [
      "of another type",
      () => new Response("{}", { headers: { "content-type": "text/html" } }),
      "Invalid Content-Type",
    ],
    ["an error", () => new Response("", { status: 503 }), "answered with status 503"],
  ])("[E11.7] keys that are %s refuse the token, and say why", async (_title, answer, words) => {
    const key = await newKey("1", "ES256");
    const authenticator = createAuthenticator({ providers: () => [CUSTOM], fetch: async () => answer() });
    expect(await failure(authenticator.authenticate(await sign(key, CUSTOM_CLAIMS)))).toMatchObject({
      name: "AuthenticationError",
      code: "InvalidAuthHeader",
      message: expect.stringContaining(words) as string,
    });
  });
});
