import { describe, expect, test, vi } from "vitest";
import { createAuthenticator } from "../../../embedded/auth/authenticator.ts";
import { AuthenticationError, IssuerUnavailableError } from "../../../embedded/auth/types.ts";
import { failure, ISSUER, newKey, OIDC, setUp, sign } from "./providers.ts";

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
      updatedAt: "1970-01-01T00:00:00+00:00",
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
    expect(await words(await sign(key, { iss: undefined }))).toContain("Missing issuer claim");
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
              Response.json(
                url.endsWith("keys") ? { keys: [key.jwk] } : { issuer: ISSUER, jwks_uri: `${ISSUER}/keys` },
              ),
            )
          : Promise.reject(new Error("unreachable")),
    });
    expect(await failure(authenticator.authenticate(await sign(key)))).toBeInstanceOf(IssuerUnavailableError);
    isUp = true;
    expect(await authenticator.authenticate(await sign(key))).toBeTruthy();
  });
});
