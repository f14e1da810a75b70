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
