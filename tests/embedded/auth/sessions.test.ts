/** Tokens as clients use them: over a real socket and HTTP, with the app itself as the issuer. */
import { STATUS_CODES } from "node:http";
import { ConvexClient, ConvexHttpClient } from "convex/browser";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { api } from "../served/api.ts";
import { serveWithKeys } from "../served/issuer.ts";
import { RawClient } from "../sync/rawClient.ts";
import { unsigned } from "./providers.ts";

const { messages } = api;

describe("[E11] over the socket", () => {
  test("[E11.1] the official client signs in, sees its own, and signs out", async () => {
    const { backend, tokenFor } = await serveWithKeys();
    const client = new ConvexClient(backend.url, { logger: false });
    onTestFinished(() => client.close());
    const seen: unknown[] = [];
    client.onUpdate(messages.mine, {}, (value) => seen.push(value));
    await expect.poll(() => seen).toEqual([null]);
    const authenticated = vi.fn();
    client.setAuth(() => tokenFor("ann"), authenticated);
    await expect.poll(() => seen.at(-1)).toMatchObject({ identity: { subject: "ann" }, texts: [] });
    expect(authenticated).toHaveBeenCalledWith(true);
    await client.mutation(messages.send, { channel: "ann", text: "x" });
    expect(seen.at(-1)).toMatchObject({ texts: ["x"] });
  });

  test("[E11.4] a token that is no good: AuthError with the version in force, then the connection ends", async () => {
    const { backend } = await serveWithKeys();
    const client = await RawClient.open(backend.url);
    client.connect();
    client.send({ type: "Authenticate", tokenType: "User", value: "nonsense", baseVersion: 0 });
    expect(await client.next(({ type }) => type === "AuthError")).toEqual({
      type: "AuthError",
      error: expect.stringContaining("Could not parse JWT payload"),
      baseVersion: 0,
      authUpdateAttempted: true,
    });
    expect((await client.closed).code).toBe(1005);
  });

  test("[E11.4] an issuer that cannot be reached: the connection ends, to be tried again, and status 503 over HTTP", async () => {
    const { backend } = await serveWithKeys();
    const value = unsigned({ alg: "RS256" }, { iss: "http://127.0.0.1:9", aud: "unreachable" });
    const client = await RawClient.open(backend.url);
    client.connect();
    client.send({ type: "Authenticate", tokenType: "User", value, baseVersion: 0 });
    expect((await client.closed).code).toBe(1013);
    const response = await fetch(`${backend.url}/api/query`, {
      method: "POST",
      headers: { authorization: `Bearer ${value}`, "content-type": "application/json" },
      body: JSON.stringify({ path: "messages:mine", args: {} }),
    });
    expect([response.status, await response.json()]).toMatchObject([
      503,
      { code: "AuthProviderDiscoveryFailed" },
    ]);
  });

  // `authentication_update_error` in convex-backend's crates/sync/src/worker.rs, and in its crates/errors/src/lib.rs
  // `from_http_status_code`, `close_frame` and `http_status_code`.
  test.each<[number, number, "AuthError" | { code: number }]>([
    [404, 404, { code: 1000 }],
    [410, 400, "AuthError"],
    [425, 425, { code: 1013 }],
    [429, 429, { code: 1013 }],
    [503, 503, { code: 1013 }],
  ])(
    "[E11.4] an issuer that answers discovery with %i: status %i over HTTP, over the socket %o",
    async (answered, status, ending) => {
      const { backend } = await serveWithKeys();
      const iss = `${backend.url}/status/${answered}`;
      const value = unsigned({ alg: "RS256" }, { iss, aud: "convex" });
      const code = "AuthProviderDiscoveryFailed";
      const message = `Auth provider discovery of ${iss} failed: ${answered} ${STATUS_CODES[answered]} not here`;
      const client = await RawClient.open(backend.url);
      client.connect();
      client.send({ type: "Authenticate", tokenType: "User", value, baseVersion: 0 });
      const closed = await client.closed;
      if (ending === "AuthError") {
        const refusal = { type: ending, error: message, baseVersion: 0, authUpdateAttempted: true };
        expect(client.received).toEqual([refusal]);
      } else {
        expect(closed).toEqual({ ...ending, reason: code });
        expect(client.received).toEqual([]);
      }
      const response = await fetch(`${backend.url}/api/query`, {
        method: "POST",
        headers: { authorization: `Bearer ${value}`, "content-type": "application/json" },
        body: JSON.stringify({ path: "messages:mine", args: {} }),
      });
      expect([response.status, await response.json()]).toEqual([status, { code, message }]);
    },
  );

  test("[E19.2] a wrong admin key is refused", async () => {
    const { backend } = await serveWithKeys();
    const client = await RawClient.open(backend.url);
    client.connect();
    client.send({ type: "Authenticate", tokenType: "Admin", value: "key", baseVersion: 0 });
    const error = await client.next(({ type }) => type === "AuthError");
    expect(error).toMatchObject({
      error: "The provided admin key was invalid for this instance",
      authUpdateAttempted: true,
    });
  });

  test("[E4.2] what was sent behind a token is run as its user, in order", async () => {
    const { backend, tokenFor } = await serveWithKeys();
    const client = await RawClient.open(backend.url);
    const token = await tokenFor("ann");
    client.connect();
    client.send({ type: "Authenticate", tokenType: "User", value: token, baseVersion: 0 });
    client.subscribe([["messages:mine", {}]]);
    client.mutate(0, "messages:send", { channel: "ann", text: "x" });
    const first = await client.next(({ type }) => type === "Transition");
    expect(first).toMatchObject({
      startVersion: { identity: 0, querySet: 0 },
      endVersion: { identity: 1, querySet: 1 },
      modifications: [{ value: { identity: { subject: "ann" } } }],
    });
  });

  test("[E11.5] a token that expires during the session ends it at its next use, and a mutation with it is not run", async () => {
    const { backend, tokenFor } = await serveWithKeys();
    const client = await RawClient.open(backend.url);
    const token = await tokenFor("ann", 60);
    client.connect();
    client.send({ type: "Authenticate", tokenType: "User", value: token, baseVersion: 0 });
    client.subscribe([["messages:mine", {}]]);
    await client.next(({ type }) => type === "Transition");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    client.mutate(0, "messages:send", { channel: "ann", text: "x" });
    expect(await client.next(({ type }) => type === "AuthError")).toEqual({
      type: "AuthError",
      error: "Convex token identity expired",
      baseVersion: 1,
      authUpdateAttempted: false,
    });
    await client.closed;
    const http = new ConvexHttpClient(backend.url, { logger: false });
    expect(await http.query(messages.list, { channel: "ann" })).toEqual([]);
  });
});

describe("[E11] over HTTP", () => {
  test("[E11.4] ConvexHttpClient is its user, and is refused with 401 and Convex's words", async () => {
    const { backend, tokenFor } = await serveWithKeys();
    const client = new ConvexHttpClient(backend.url, { auth: await tokenFor("ann"), logger: false });
    expect(await client.query(messages.mine, {})).toMatchObject({
      identity: { subject: "ann" },
    });
    client.setAuth(await tokenFor("ann", -1));
    await expect(client.query(messages.mine, {})).rejects.toThrow('"code":"Unauthenticated"');
    client.setAuth("nonsense");
    await expect(client.query(messages.mine, {})).rejects.toThrow("Could not parse JWT payload");
    // `ExtractAuthenticationToken` in convex-backend's crates/local_backend/src/authentication.rs.
    for (const [authorization, code] of [
      ["Basic eDp5", "InvalidAdminKey"],
      ["Bearer", "InvalidHeaderFailure"],
      ["Convex key:%%%", "HeaderParseFailure"],
    ] as const) {
      const response = await fetch(`${backend.url}/api/query`, {
        method: "POST",
        headers: { authorization },
      });
      expect([response.status, await response.json()]).toMatchObject([400, { code }]);
    }
  });

  test("HTTP actions know their caller", async () => {
    const { backend, tokenFor } = await serveWithKeys();
    const headers = { authorization: `Bearer ${await tokenFor("ann")}` };
    expect(await (await fetch(`${backend.url}/greet`, { headers })).text()).toBe("hello ann");
  });
});
