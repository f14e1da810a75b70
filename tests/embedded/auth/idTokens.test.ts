/**
 * Id tokens as Convex verifies them: `validate_id_token` in convex-backend's crates/authentication/src/lib.rs, `from_token` in its
 * crates/keybroker/src/broker.rs, `from_http_status_code` in its crates/errors/src/lib.rs, and src/verification/mod.rs and src/claims.rs of its fork of openidconnect-rs.
 */
import { afterAll, expect, test, vi } from "vitest";
import { createAuthenticator } from "../../../embedded/auth/authenticator.ts";
import { IssuerUnavailableError } from "../../../embedded/auth/types.ts";
import { failure, ISSUER, newKey, OIDC, seconds, setUp, sign, unsigned, type Claims } from "./providers.ts";

vi.useFakeTimers({ toFake: ["Date"] });
afterAll(() => {
  vi.useRealTimers();
});

const UNVERIFIED = {
  code: "Unauthenticated",
  status: 401,
  message:
    "Could not verify OIDC token claim. Check that the token signature is valid and the token hasn't expired.",
};
const UNPARSABLE = {
  code: "InvalidAuthHeader",
  status: 401,
  message: "Could not parse as OIDC ID token. Token might not be an OIDC-compliant JWT.",
};
const UNREADABLE = {
  code: "InvalidAuthHeader",
  message: expect.stringMatching(/^Could not parse JWT payload/) as string,
};
const NO_PROVIDER = { code: "NoAuthProvider" };

const key = await newKey("1");
const { authenticator } = setUp([key]);
const attempt = async (claims: Claims, header?: Claims) =>
  failure(authenticator.authenticate(await sign(key, claims, header)));
const identityOf = async (claims: Claims) =>
  (await authenticator.authenticate(await sign(key, claims))).identity;

test.each<[string, unknown, Claims, Claims?]>([
  ["one that has expired", UNVERIFIED, { exp: 1 }],
  ["one that expires in this second", UNVERIFIED, { exp: seconds() }],
  ["one without an expiry", UNPARSABLE, { exp: undefined }],
  ["one without a time of issue", UNPARSABLE, { iat: undefined }],
  ["one without a subject", UNPARSABLE, { sub: undefined }],
  ["one with a subject that is no text", UNREADABLE, { sub: 7 }],
  ["an expiry before 1970", UNREADABLE, { exp: -1 }],
  ["an expiry that is no number", UNREADABLE, { exp: "tomorrow" }],
  ["an expiry beyond all time", UNREADABLE, { exp: 1e15 }],
  ["an audience that is no text", UNREADABLE, { aud: ["app", 1] }],
  ["no audience", NO_PROVIDER, { aud: undefined }],
  ["another audience", NO_PROVIDER, { aud: ["other"] }],
  ["a second audience", UNVERIFIED, { aud: ["app", "other"] }],
  ["a name that is no text", UNPARSABLE, { name: 1 }],
  ["a flag that is a text", UNPARSABLE, { email_verified: "true" }],
  ["a time of change that is none", UNPARSABLE, { updated_at: "yesterday" }],
  ["a type of another kind", UNVERIFIED, {}, { typ: "at+jwt" }],
  ["a type of content", UNVERIFIED, {}, { cty: "JWT" }],
])("[E11.7] id tokens: %s is refused in Convex's words", async (_title, expected, claims, header) => {
  expect(await attempt(claims, header)).toMatchObject(expected as object);
});

test.each<[string, Claims, Claims?]>([
  ["issued in the future", { iat: seconds() + 3600 }],
  ["valid from later on (`nbf` is not looked at)", { nbf: seconds() + 3600 }],
  ["with one audience in a list", { aud: ["app"] }],
  ["with fractions of seconds", { iat: seconds() - 0.5, exp: seconds() + 60.25 }],
  ["for another authorized party", { azp: "other", nonce: "n", auth_time: 1, acr: "0", amr: ["pwd"] }],
  ["of the type `JWT`", {}, { typ: "JWT" }],
  ["of the type `application/jose`", {}, { typ: "application/JOSE" }],
])("[E11.7] id tokens: one %s is taken", async (_title, claims, header) => {
  expect(await attempt(claims, header)).toBeNull();
});

test("[E11.7] id tokens: unknown algorithms, those that are not taken, and none at all", async () => {
  const claims = { iss: ISSUER, sub: "ann", aud: "app", iat: seconds(), exp: seconds() + 60 };
  const refusalOf = (header: Claims) => failure(authenticator.authenticate(unsigned(header, claims)));
  expect(await refusalOf({ alg: "XY256", kid: "1" })).toMatchObject(UNPARSABLE);
  expect(await refusalOf({ kid: "1" })).toMatchObject(UNPARSABLE);
  expect(await refusalOf({ alg: "RS256", kid: 1 })).toMatchObject(UNPARSABLE);
  for (const alg of ["none", "HS256", "ES256", "PS256", "A128GCM", "RS256"])
    expect(await refusalOf({ alg, kid: "1" })).toMatchObject(UNVERIFIED);
});

test("[E11.7] id tokens: without `kid` the key must be the only one that fits", async () => {
  const [one, other, edward] = [await newKey("1"), await newKey("2"), await newKey("3", "EdDSA")];
  const nameless = (of: typeof one) => sign(of, {}, { kid: undefined });
  const { authenticator: single } = setUp([one, edward]);
  expect(await failure(single.authenticate(await nameless(one)))).toBeNull();
  expect(await failure(single.authenticate(await nameless(edward)))).toBeNull();
  const { authenticator: several } = setUp([one, other]);
  expect(await failure(several.authenticate(await nameless(one)))).toMatchObject(UNVERIFIED);
});

test("[E11.3] claims in languages and those of null are left out, times are written as Convex writes them", async () => {
  const identity = await identityOf({
    ...{
      name: "Ann",
      "name#de": "Anna",
      middle_name: "M",
      birthday: "1 May",
      birthdate: "1990-05-01",
      email: null,
    },
    ...{ azp: "client", nonce: "n", acr: "0", amr: ["pwd"], auth_time: 1, fva: [1, 2], roles: null },
    ...{ updated_at: "2020-02-03T04:05:06.5Z", address: { country: "X" } },
  });
  expect(identity).toEqual({
    ...{ tokenIdentifier: `${ISSUER}|ann`, issuer: ISSUER, subject: "ann" },
    ...{ name: "Ann", birthday: "1990-05-01", roles: null, updatedAt: "2020-02-03T04:05:06.500+00:00" },
  });
});

test("[E11.3] no claim takes the place of who the token is for", async () => {
  const claims = { tokenIdentifier: "bob", issuer: "bob", subject: "bob" };
  expect(await identityOf(claims)).toMatchObject({ tokenIdentifier: `${ISSUER}|ann`, subject: "ann" });
});

test("[E11.1] the issuer is asked at its configured address, and must call itself what the token calls it", async () => {
  const { authenticator: trusting, fetched } = setUp(
    [key],
    [{ domain: "issuer.example/", applicationID: "app" }],
  );
  expect(await failure(trusting.authenticate(await sign(key)))).toBeNull();
  expect(fetched[0]).toBe(`${ISSUER}/.well-known/openid-configuration`);
  for (const iss of [`${ISSUER}/`, "issuer.example", `${ISSUER}////`]) {
    expect(await failure(trusting.authenticate(await sign(key, { iss })))).toMatchObject({
      ...{ code: "AuthProviderDiscoveryFailed", status: 400 },
      message: `Auth provider discovery of ${iss} failed`,
    });
  }
  expect(fetched).toHaveLength(2);
});

const json = { "content-type": "application/json" };
const configuration = Response.json.bind(null, { issuer: ISSUER, jwks_uri: `${ISSUER}/keys` });
const FAILED = `Auth provider discovery of ${ISSUER} failed`;

test.each<[string, () => Response, (() => Response) | null, number, string]>([
  [
    "configuration is a 401",
    () => new Response("no", { status: 401 }),
    null,
    401,
    `${FAILED}: 401 Unauthorized no`,
  ],
  [
    "configuration is a 403",
    () => new Response("no", { status: 403 }),
    null,
    403,
    `${FAILED}: 403 Forbidden no`,
  ],
  [
    "configuration is a 404",
    () => new Response("no", { status: 404 }),
    null,
    404,
    `${FAILED}: 404 Not Found no`,
  ],
  ["configuration is a 410", () => new Response("no", { status: 410 }), null, 400, `${FAILED}: 410 Gone no`],
  ["configuration is a page", () => new Response("<p>"), null, 400, `${FAILED}: 200 OK <p>`],
  ["configuration is no JSON", () => new Response("<p>", { headers: json }), null, 400, FAILED],
  ["configuration names no keys", () => Response.json({ issuer: ISSUER }), null, 400, FAILED],
  ["configuration names no issuer", () => Response.json({ jwks_uri: `${ISSUER}/keys` }), null, 400, FAILED],
  [
    "key set is a 404",
    configuration,
    () => new Response("no", { status: 404 }),
    404,
    `${FAILED}: 404 Not Found no`,
  ],
  ["key set is a page", configuration, () => new Response("<p>"), 400, `${FAILED}: 200 OK <p>`],
  ["key set is no JSON", configuration, () => new Response("<p>", { headers: json }), 400, FAILED],
  ["key set is none", configuration, () => Response.json([]), 400, FAILED],
])(
  "[E11.7] an issuer whose %s refuses its tokens, and says why",
  async (_title, first, second, status, message) => {
    const fetch = async (url: string): Promise<Response> => (url.endsWith("/keys") ? second!() : first());
    const asking = createAuthenticator({ providers: () => [OIDC], fetch });
    expect(await failure(asking.authenticate(await sign(key)))).toMatchObject({
      ...{ name: "AuthenticationError", code: "AuthProviderDiscoveryFailed", status, message },
    });
  },
);

test.each<[string, () => Promise<Response>]>([
  ["is overloaded", async () => new Response("later", { status: 503 })],
  ["has had too much", async () => new Response("later", { status: 429 })],
  ["will not be asked so early", async () => new Response("later", { status: 425 })],
  ["is asked at a wrong place", async () => new Response("later", { status: 421 })],
  ["cannot be reached", () => Promise.reject(new TypeError("fetch failed"))],
  [
    "sends without end",
    async () => new Response(new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(1 << 16)) })),
  ],
])("[E11.4] an issuer that %s is no fault of the token's: its client comes again", async (_title, answer) => {
  const asking = createAuthenticator({ providers: () => [OIDC], fetch: answer });
  expect(await failure(asking.authenticate(await sign(key)))).toBeInstanceOf(IssuerUnavailableError);
});

test("[E11.4] an issuer that does not answer is given up after 10 s", async () => {
  const timeout = vi.spyOn(AbortSignal, "timeout");
  try {
    const signals: AbortSignal[] = [];
    const fetch = (_url: string, { signal }: { signal: AbortSignal }): Promise<Response> => {
      signals.push(signal);
      return Promise.reject(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
    };
    const asking = createAuthenticator({ providers: () => [OIDC], fetch });
    expect(await failure(asking.authenticate(await sign(key)))).toBeInstanceOf(IssuerUnavailableError);
    expect(timeout.mock.calls).toEqual([[10_000]]);
    expect(signals).toEqual(timeout.mock.results.map(({ value }) => value as AbortSignal));
  } finally {
    timeout.mockRestore();
  }
});

test("[E11.7] keys that cannot be read are passed over, and what is none fails no other", async () => {
  const junk = [{ kty: "AKP", kid: "1", alg: "ML-DSA-44" }, { kid: "1" }, "text", null];
  const broken = { kty: "RSA", kid: "2", alg: "RS256", n: "%", e: "%" };
  const fetch = async (url: string): Promise<Response> =>
    url.endsWith("/keys") ? Response.json({ keys: [...junk, broken, key.jwk] }) : configuration();
  const asking = createAuthenticator({ providers: () => [OIDC], fetch });
  expect(await failure(asking.authenticate(await sign(key)))).toBeNull();
  expect(await failure(asking.authenticate(await sign(key, {}, { kid: "2" })))).toMatchObject(UNVERIFIED);
});
