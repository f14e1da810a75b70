import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { brotliCompressSync, constants } from "node:zlib";
import { expect, test } from "vitest";
import { RawClient } from "../sync/rawClient.ts";
import { serve } from "../served/backend.ts";

const VARIABLES = "/api/update_environment_variables";

test("[E19.2] [E16.3] the admin key opens nothing to pages of other origins", async () => {
  const { url, adminKey } = await serve();
  const post = (headers: Record<string, string>): Promise<Response> =>
    fetch(url + VARIABLES, {
      method: "POST",
      headers: { authorization: `Convex ${adminKey}`, ...headers },
      body: JSON.stringify({ changes: [] }),
    });
  expect((await post({})).status).toBe(200);
  expect((await post({ origin: "https://evil.example" })).status).toBe(403);
  expect((await post({ authorization: `Bearer ${adminKey}` })).status).toBe(401);
  expect((await post({ authorization: `Convex ${adminKey}0` })).status).toBe(401);
});

test("[E19.2] [E16.4] a body counts as what it is decompressed to, and a broken one is its sender's fault", async () => {
  const { url, adminKey } = await serve();
  const post = async (body: Buffer): Promise<unknown> => {
    const headers = { authorization: `Convex ${adminKey}`, "content-encoding": "br" };
    const response = await fetch(url + VARIABLES, { method: "POST", headers, body: new Uint8Array(body) });
    return { status: response.status, ...((await response.json()) as object) };
  };
  const quick = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
  const bomb = brotliCompressSync(Buffer.alloc(64 * 1024 * 1024), quick);
  expect(bomb.byteLength).toBeLessThan(100_000);
  expect(await post(bomb)).toMatchObject({ status: 413, code: "RequestTooLarge" });
  expect(await post(Buffer.from("not compressed"))).toMatchObject({ status: 400, code: "BadBody" });
  expect(await post(brotliCompressSync('{"changes":[{"name":"1"}]}', quick))).toMatchObject({ status: 200 });
  expect(await post(brotliCompressSync('{"changes":[{"name":"1","value":""}]}', quick))).toMatchObject({
    status: 400,
    code: "EnvironmentVariableNameInvalid",
  });
});

test("[E19.2] what is not there is refused once its body has come: the CLI takes an earlier answer for a broken line", async () => {
  const { url, adminKey } = await serve();
  const half = Buffer.alloc(1024 * 1024);
  const headers = { authorization: `Convex ${adminKey}`, "content-length": 2 * half.byteLength };
  const pushing = request(`${url}/api/deploy2/nothing`, { method: "POST", headers });
  let isAnswered = false;
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    pushing.once("response", resolve).once("error", reject);
  }).finally(() => {
    isAnswered = true;
  });
  await new Promise((resolve) => pushing.write(half, resolve));
  // What came before has been looked at by the time that these are answered.
  for (let i = 0; i < 3; i++) await (await fetch(`${url}/version`)).text();
  expect(isAnswered).toBe(false);
  pushing.end(half);
  const { statusCode } = (await answer).resume();
  expect(statusCode).toBe(400);
});

test("[E19.2] only an administrator's socket may ask `_system` queries and internal functions", async () => {
  const { url, adminKey } = await serve();
  const resultOf = async (token: object): Promise<unknown> => {
    const client = await RawClient.open(url);
    client.connect();
    client.send({ type: "Authenticate", baseVersion: 0, ...token });
    client.send({
      type: "ModifyQuerySet",
      baseVersion: 0,
      newVersion: 1,
      modifications: [
        { type: "Add", queryId: 0, udfPath: "_system/cli/tables", args: [{ paginationOpts: {} }] },
      ],
    });
    const { modifications } = await client.next((message) => (message.modifications ?? []).length > 0);
    return modifications?.[0];
  };
  expect(await resultOf({ tokenType: "None" })).toMatchObject({ type: "QueryFailed" });
  expect(await resultOf({ tokenType: "Admin", value: adminKey })).toMatchObject({
    type: "QueryUpdated",
    value: { page: [{ name: "messages" }], isDone: true },
  });
});

/** Over HTTP: whom a query was run as, or the refusal. */
async function asOverHttp(url: string, authorization: string): Promise<unknown> {
  const response = await fetch(`${url}/api/query`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify({ path: "messages:mine", args: {}, format: "json" }),
  });
  const { value, code } = (await response.json()) as { value?: { identity: unknown } | null; code?: string };
  return code ?? value?.identity ?? "nobody";
}

/** The same over the socket. */
async function asOverSocket(url: string, token: object): Promise<unknown> {
  const client = await RawClient.open(url);
  client.connect();
  client.send({ type: "Authenticate", baseVersion: 0, tokenType: "Admin", ...token });
  client.subscribe([["messages:mine", {}]]);
  const { error, modifications } = await client.next(
    (message) => message.error !== undefined || (message.modifications ?? []).length > 0,
  );
  return error ?? (modifications?.[0]?.value as { identity: unknown } | null)?.identity ?? "nobody";
}

// `AdminKey::remove_type_prefix` in convex-backend's crates/common/src/types/admin_key.rs, `extract_admin_key` in its
// crates/local_backend/src/authentication.rs, and `check_admin_key` in its crates/keybroker/src/broker.rs.
test("[E19.2] a key may have the type of its deployment before it, also with somebody to act as", async () => {
  const { url, adminKey } = await serve();
  const secret = adminKey.split("|")[1] as string;
  const ann = { tokenIdentifier: "i|ann" };
  const acting = `:${Buffer.from(JSON.stringify(ann)).toString("base64")}`;
  for (const type of ["", "prod:", "dev:", "local:", ":"]) {
    expect(await asOverHttp(url, `Convex ${type}${adminKey}`)).toBe("nobody");
    expect(await asOverHttp(url, `convex ${type}${adminKey}${acting}`)).toEqual(ann);
    expect(await asOverSocket(url, { value: type + adminKey })).toBe("nobody");
  }
  for (const key of [
    `preview:${adminKey}`,
    `preview:team:project|${secret}`,
    `Project:${adminKey}`,
    secret,
  ]) {
    expect(await asOverHttp(url, `Convex ${key}`)).toBe("BadAdminKey");
  }
  for (const key of [`prod:other|${secret}`, `prod:dev:${adminKey}`, `prod:${secret}`, secret]) {
    expect(await asOverSocket(url, { value: key })).toMatch(/^The provided admin key was invalid/);
  }
  // What is before a second colon is taken for the key, and what is behind it for somebody.
  expect(await asOverHttp(url, `Convex prod:dev:${adminKey}`)).toBe("HeaderParseFailure");
});

// `TryFrom<JsonValue> for UserIdentityAttributes` in convex-backend's crates/convex/sync_types/src/types/json.rs.
test("[E19.2] whom an administrator acts as is known by a `tokenIdentifier`, or by `issuer` and `subject`", async () => {
  const { url, adminKey } = await serve();
  const as = async (attributes: unknown): Promise<{ http: unknown; socket: unknown }> => {
    const base64 = Buffer.from(JSON.stringify(attributes)).toString("base64");
    return {
      http: await asOverHttp(url, `Convex ${adminKey}:${base64}`),
      socket: await asOverSocket(url, { value: adminKey, impersonating: attributes }),
    };
  };
  const custom = { roles: ["a", null], none: null, "a.b": 1 };
  for (const [given, known] of [
    [{ tokenIdentifier: "t" }, { tokenIdentifier: "t" }],
    [
      { tokenIdentifier: "t", issuer: null, subject: "s", email: null, ...custom },
      { tokenIdentifier: "t", subject: "s", ...custom },
    ],
    [
      { issuer: "i", subject: "s", emailVerified: true },
      { tokenIdentifier: "i|s", issuer: "i", subject: "s", emailVerified: true },
    ],
    [
      { tokenIdentifier: "t", issuer: "i", subject: "s" },
      { tokenIdentifier: "t", issuer: "i", subject: "s" },
    ],
  ]) {
    expect(await as(given)).toEqual({ http: known, socket: known });
  }
  const refused: [unknown, string][] = [
    [{}, 'Either "tokenIdentifier" or "issuer" and "subject" must be set'],
    [{ issuer: "i" }, 'Either "tokenIdentifier" or "issuer" and "subject" must be set'],
    [
      { subject: "s", tokenIdentifier: null },
      'Either "tokenIdentifier" or "issuer" and "subject" must be set',
    ],
    [{ tokenIdentifier: 1 }, "invalid type: expected a string as `tokenIdentifier`"],
    [{ tokenIdentifier: "t", name: 1 }, "invalid type: expected a string as `name`"],
    [{ tokenIdentifier: "t", emailVerified: "yes" }, "invalid type: expected a boolean as `emailVerified`"],
    [["t"], "invalid type: expected an object with the attributes of a user"],
    ["t", "invalid type: expected an object with the attributes of a user"],
  ];
  for (const [given, reason] of refused) {
    const socket = `Received Invalid JSON on websocket: ${reason}`;
    expect(await as(given)).toEqual({ http: "HeaderParseFailure", socket });
  }
  // Over the socket `null` is nobody; in a header there is nothing that could be left out.
  expect(await as(null)).toEqual({ http: "HeaderParseFailure", socket: "nobody" });
});
