/**
 * Custom JWTs as Convex verifies them: `validate_id_token` and `fetch_jwks` in convex-backend's crates/authentication/src/lib.rs,
 * `from_custom_jwt` in its crates/keybroker/src/broker.rs, and src/lib.rs, src/jwk.rs and src/jws/compact.rs of its fork of biscuit.
 */
import { afterAll, expect, test, vi } from "vitest";
import { createAuthenticator } from "../../../embedded/auth/authenticator.ts";
import {
  CUSTOM,
  CUSTOM_ISSUER,
  failure,
  newKey,
  seconds,
  setUp,
  sign,
  unsigned,
  type Claims,
} from "./providers.ts";

vi.useFakeTimers({ toFake: ["Date"] });
afterAll(() => {
  vi.useRealTimers();
});

const key = await newKey("1", "ES256");
const { authenticator } = setUp([key]);
const tokenWith = (claims: Claims = {}, header?: Claims) =>
  sign(key, { iss: CUSTOM_ISSUER, ...claims }, header);
const attempt = async (claims: Claims, header?: Claims) =>
  failure(authenticator.authenticate(await tokenWith(claims, header)));
const refused = (message: unknown) => ({ code: "InvalidAuthHeader", status: 401, message });

const NO_KID = "Could not decode token. JWT may be missing a 'kid' (key ID) header.";
const noKey = (kid: string) =>
  `Could not decode token. The JWT's 'kid' (key ID) header is '${kid}', does this key match any key in the provider's JWKS?`;
const NO_CLAIM =
  "Could not verify token claim. Check that the JWT contains valid claims and matches your auth provider configuration.";

test("[E11.3] its own claims by their names, nested ones by dotted paths; without an application id any audience", async () => {
  const token = await tokenWith({ aud: "anything", plan: "pro", org: { id: 7, tags: ["a"], none: null } });
  expect((await authenticator.authenticate(token)).identity).toEqual({
    tokenIdentifier: `${CUSTOM_ISSUER}|ann`,
    issuer: CUSTOM_ISSUER,
    subject: "ann",
    plan: "pro",
    "org.id": 7,
    "org.tags": ["a"],
    "org.none": null,
  });
});

test("[E11.3] claims that only OpenID Connect knows are the app's own in a custom JWT", async () => {
  const own = { azp: "client", nonce: "n", auth_time: 1, acr: "0", amr: ["pwd"], name: 7, middle_name: "M" };
  const token = await tokenWith({ ...own, jti: "x", nbf: 1, fva: [1, 2] });
  expect((await authenticator.authenticate(token)).identity).toEqual({
    ...{ tokenIdentifier: `${CUSTOM_ISSUER}|ann`, issuer: CUSTOM_ISSUER, subject: "ann" },
    ...own,
  });
});

const EARLY = "Could not validate token: Token will be valid in 60 seconds";

test.each<[string, unknown, Claims, Claims?]>([
  [
    "one that has expired",
    "Could not validate token: Token expired 100 seconds ago",
    { exp: seconds() - 100 },
  ],
  ["one issued in the future", EARLY, { iat: seconds() + 60 }],
  ["one that is valid from later on", EARLY, { nbf: seconds() + 60 }],
  ["one without an expiry", NO_CLAIM, { exp: undefined }],
  ["one without a subject", NO_CLAIM, { sub: undefined }],
  ["one without a key id", NO_KID, {}, { kid: undefined }],
  ["one with an unknown key id", noKey("2"), {}, { kid: "2" }],
  ["one whose subject is no text", expect.stringMatching(/^Could not parse JWT payload/), { sub: 7 }],
])("[E11.7] custom JWTs: %s is refused in Convex's words", async (_title, message, claims, header) => {
  expect(await attempt(claims, header)).toMatchObject(refused(message));
});

test.each<[string, Claims, Claims?]>([
  ["expired 2 s ago", { exp: seconds() - 2 }],
  ["issued 3 s from now", { iat: seconds() + 3 }],
  ["without a time of issue", { iat: undefined }],
  ["of any type", {}, { typ: "at+jwt", cty: "x" }],
  ["for several audiences", { aud: ["a", "b"] }],
  ["whose issuer has a slash at the end", { iss: `${CUSTOM_ISSUER}/` }],
  ["whose issuer has no scheme", { iss: "custom.example" }],
])("[E11.7] custom JWTs: one %s is taken", async (_title, claims, header) => {
  expect(await attempt(claims, header)).toBeNull();
});

test("[E11.1] the audience counts where an application id is configured", async () => {
  const { authenticator: choosy } = setUp([key], [{ ...CUSTOM, applicationID: "app" }]);
  expect(await failure(choosy.authenticate(await tokenWith({ aud: ["other", "app"] })))).toBeNull();
  for (const aud of [undefined, "other", ["other"]])
    expect(await failure(choosy.authenticate(await tokenWith({ aud })))).toMatchObject({
      code: "NoAuthProvider",
    });
});

test("[E11.7] custom JWTs: only the provider's algorithm is taken; a header with an unknown one can't be read", async () => {
  const claims = { iss: CUSTOM_ISSUER, sub: "ann", exp: seconds() + 60 };
  const refusalOf = (header: Claims) => failure(authenticator.authenticate(unsigned(header, claims)));
  for (const alg of ["none", "HS256", "RS256", "ES256"])
    expect(await refusalOf({ alg, kid: "1" })).toMatchObject(refused(noKey("1")));
  expect(await refusalOf({ alg: "EdDSA", kid: "1" })).toMatchObject(refused(NO_KID));
  expect(await refusalOf({ kid: "1" })).toMatchObject(refused(NO_KID));
  const rsa = await newKey("1", "RS256");
  const { authenticator: other } = setUp([rsa]);
  expect(await failure(other.authenticate(await sign(rsa, claims)))).toMatchObject(refused(noKey("1")));
});

const asking = (answer: (url: string) => Promise<Response>, jwks?: string) =>
  createAuthenticator({
    providers: () => [{ ...CUSTOM, ...(jwks !== undefined && { jwks }) }],
    fetch: answer,
  });
const typed = (type: string, text = JSON.stringify({ keys: [key.jwk] })) =>
  new Response(text, { headers: { "content-type": type } });
const BAD_SET =
  /^Invalid JWKS response body from 'https:\/\/custom\.example\/keys'\. The response is not valid JSON or/;
const { jwk } = key;

test.each<[string, () => Response, RegExp]>([
  ["no JSON", () => typed("application/json", "<html>"), BAD_SET],
  ["no key set", () => Response.json({ nothing: true }), BAD_SET],
  ["no keys", () => Response.json({ keys: ["text"] }), BAD_SET],
  [
    "beside a key of an unknown kind",
    () => Response.json({ keys: [jwk, { kty: "AKP", kid: "2" }] }),
    BAD_SET,
  ],
  [
    "beside a key for EdDSA",
    () => Response.json({ keys: [jwk, { kty: "OKP", crv: "Ed25519", x: "AA", alg: "EdDSA" }] }),
    BAD_SET,
  ],
  [
    "beside one of an unknown curve",
    () => Response.json({ keys: [jwk, { ...jwk, kid: "2", crv: "secp256k1" }] }),
    BAD_SET,
  ],
  ["beside one that lacks a part", () => Response.json({ keys: [jwk, { kty: "RSA", n: "AA" }] }), BAD_SET],
  [
    "of another type",
    () => typed("text/html"),
    /^Invalid Content-Type 'text\/html' when fetching JWKS from '.*keys'\. Expected/,
  ],
  ["in another charset", () => typed("application/json; charset=latin1"), /^Invalid Content-Type/],
  ["of no type", () => new Response(new Uint8Array()), /^Invalid Content-Type 'unknown'/],
  [
    "an error",
    () => new Response("", { status: 503 }),
    /: HTTP 503 Service Unavailable\. Check that the URL is correct and/,
  ],
  ["nothing", () => new Response(null, { status: 204 }), /: HTTP 204 No Content\. Check/],
  [
    "without end",
    () => new Response(new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(1 << 16)) })),
    /larger than 1048576 bytes\. Check/,
  ],
])("[E11.7] keys that are %s refuse a custom JWT, and say why", async (_title, answer, words) => {
  const refusal = await failure(asking(async () => answer()).authenticate(await tokenWith()));
  expect(refusal).toMatchObject({ name: "AuthenticationError", ...refused(expect.stringMatching(words)) });
});

test("[E11.7] a provider that cannot be reached is told as Convex tells it", async () => {
  const refusal = await failure(
    asking(() => Promise.reject(new Error("refused"))).authenticate(await tokenWith()),
  );
  expect(refusal).toMatchObject(
    refused(
      "Could not fetch JWKS from URL 'https://custom.example/keys': refused. Check that the URL is correct and accessible.",
    ),
  );
});

test("[E11.7] keys of either type are taken, whatever they say that they are for", async () => {
  const set = JSON.stringify({ keys: [{ ...jwk, use: "enc", key_ops: ["sign"], alg: undefined }] });
  for (const type of ["application/jwk-set+json", 'Application/JSON; charset="UTF-8"']) {
    expect(await failure(asking(async () => typed(type, set)).authenticate(await tokenWith()))).toBeNull();
  }
});

test("[E11.7] of keys without end no more than the bound is read", async () => {
  let pulled = 0;
  const pull = (controller: ReadableStreamDefaultController): void => {
    pulled += 1;
    controller.enqueue(new Uint8Array(1 << 16));
  };
  await failure(
    asking(async () => new Response(new ReadableStream({ pull }))).authenticate(await tokenWith()),
  );
  expect(pulled).toBeLessThanOrEqual(18);
});

test("[E11.7] a key that says that it is for another algorithm is not used for the provider's", async () => {
  const mislabelled = asking(async () => Response.json({ keys: [{ ...jwk, alg: "ES384" }, jwk] }));
  expect(await failure(mislabelled.authenticate(await tokenWith()))).toMatchObject(refused(noKey("1")));
});

test("[E11.1] keys in a `data:` URL, of whatever type", async () => {
  const set = Buffer.from(JSON.stringify({ keys: [jwk] })).toString("base64");
  const inUrl = (url: string) => asking((address) => fetch(address), url);
  expect(await failure(inUrl(`data:text/plain;base64,${set}`).authenticate(await tokenWith()))).toBeNull();
  const broken = await failure(inUrl("data:;base64,%%%").authenticate(await tokenWith()));
  expect(broken).toMatchObject(refused(expect.stringMatching(/^Invalid JWKS data URL\./)));
});

test("[E11.2] a custom JWT without a key id does not make its provider be asked again", async () => {
  const { authenticator: watched, fetched } = setUp([key]);
  expect(await failure(watched.authenticate(await tokenWith()))).toBeNull();
  vi.setSystemTime(Date.now() + 20_000);
  expect(await failure(watched.authenticate(await tokenWith({}, { kid: undefined })))).toMatchObject(
    refused(NO_KID),
  );
  expect(fetched).toHaveLength(1);
  expect(await failure(watched.authenticate(await tokenWith({}, { kid: "2" })))).toMatchObject(
    refused(noKey("2")),
  );
  expect(fetched).toHaveLength(2);
});
