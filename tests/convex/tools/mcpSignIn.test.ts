// @vitest-environment node
/** Signing in to MCP servers: from the page there and back, with tokens that run out, and what somebody else can do with what they see. */
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { FunctionReference } from "convex/server";
import { afterEach, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { api, internal } from "../../../convex/_generated/api";
import { discoveryFetch } from "../../../convex/model/tools/mcp/discoveryFetch";
import { openMcpServers } from "../../../convex/model/tools/mcp/openMcpServers";
import { revokeSignIn } from "../../../convex/model/tools/mcp/revokeSignIn";
import { openSignIn } from "../../../convex/model/tools/mcp/signInData";
import { signInStore, type SignInStore } from "../../../convex/model/tools/mcp/signInStore";
import type { Network } from "../../../convex/model/tools/web/checkedRequest";
import { isPublicAddress } from "../../../convex/model/tools/web/publicAddress";
import { withoutSecrets } from "../../../convex/model/secrets";
import type { TestBackend } from "../../helpers/backend.ts";
import { startSignInServer, type SignInServer } from "../../helpers/signInServer.ts";
import { expectFailure, newChat, newViewer, type Viewer } from "../support.ts";

const ORIGIN = "https://chat.example";

let shop: SignInServer;
beforeEach(async () => {
  vi.spyOn(console, "info").mockImplementation(() => undefined);
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  shop = await startSignInServer();
  vi.stubEnv("SITE_URL", ORIGIN);
  vi.stubEnv("VERBATIM_KEY_SECRET", "a-secret-of-the-server-0123456789abcdef");
  configure({ shop: { url: shop.mcp.url, signIn: true, approval: "never" } });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await shop.close();
});

const configure = (servers: Record<string, unknown>) =>
  vi.stubEnv("VERBATIM_MCP_SERVERS", JSON.stringify(servers));

const begin = async (viewer: Viewer, origin = ORIGIN) =>
  (await viewer.action(api.mcpSignIn.begin, { server: "shop", origin })).url;

const finish = (viewer: Viewer, { code, state }: { code: string; state: string }, issuer?: string) =>
  viewer.action(api.mcpSignIn.finish, { code, state, ...(issuer !== undefined && { issuer }) });

/** There and back. */
async function signIn(viewer: Viewer): Promise<void> {
  await finish(viewer, await shop.allow(await begin(viewer)));
}

const stateOf = async (viewer: Viewer) => (await viewer.query(api.toolChoice.offered, {}))[0]?.signIn;

const rows = (t: TestBackend) => t.run((ctx) => ctx.db.query("mcpSignIns").collect());

type Query = FunctionReference<"query", "public" | "internal">;
type Mutation = FunctionReference<"mutation", "public" | "internal">;

/** What an action of a run of this person has. */
function storeOf(t: TestBackend, { userId }: Viewer): SignInStore {
  const ctx = {
    runQuery: (reference: Query, args: Record<string, unknown>): Promise<unknown> => t.query(reference, args),
    runMutation: (reference: Mutation, args: Record<string, unknown>): Promise<unknown> =>
      t.mutation(reference, args),
  };
  return signInStore(ctx as Parameters<typeof signInStore>[0], userId);
}

const server = () => ({ name: "shop", url: shop.mcp.url, signIn: {}, approval: "never" as const });

/** What is sealed of a person's sign-in. */
async function signInDataOf(t: TestBackend, viewer: Viewer) {
  const stored = await storeOf(t, viewer).read("shop");
  const data = stored && (await openSignIn(stored.sealed, { userId: viewer.userId, server: server() }));
  if (!data) throw new Error("Nobody is signed in");
  return data;
}

/** All that is written to the log from now on: a backend that starts has a console of its own. */
function watchLog(): () => string {
  const info = vi.spyOn(console, "info").mockImplementation(() => undefined);
  return () => JSON.stringify(info.mock.calls);
}

const open = (t: TestBackend, viewer: Viewer) => openMcpServers(["mcp:shop"], storeOf(t, viewer), 15_000);

type Opened = Awaited<ReturnType<typeof open>>;

function call(opened: Opened, name: string, input: unknown = {}): Promise<unknown> {
  const execute = opened.tools[name]?.execute;
  if (!execute) throw new Error(`There is no tool ${name}`);
  return Promise.resolve(execute(input, { toolCallId: "1", messages: [] }));
}

describe("signing in", () => {
  test("there and back: Verbatim registers itself, asks with PKCE for this resource alone, and the tools can be called", async () => {
    const { t, viewer } = await newChat();
    expect(await stateOf(viewer)).toBe("needed");
    expect(await open(t, viewer)).toMatchObject({ tools: {}, unavailable: [], signedOut: ["shop"] });
    const page = new URL(await begin(viewer));
    expect(page.origin).toBe(shop.issuer);
    const asked = Object.fromEntries(page.searchParams);
    expect(asked).toMatchObject({
      ...{ response_type: "code", code_challenge_method: "S256", resource: shop.mcp.url },
      redirect_uri: `${ORIGIN}/connected`,
    });
    const [client] = shop.clients.values();
    expect(client).toMatchObject({ client_name: "Verbatim", redirect_uris: [`${ORIGIN}/connected`] });

    const back = await shop.allow(page.href);
    expect(await finish(viewer, back, shop.issuer)).toEqual({ server: "shop" });
    expect(await stateOf(viewer)).toBe("done");
    const opened = await open(t, viewer);
    expect(opened).toMatchObject({ unavailable: [], signedOut: [] });
    expect(await call(opened, "shop__order", { what: "tea" })).toBe("Ordered: tea");
    await opened.close();
  });

  test("tokens are sealed in their row, for this person and server; while they are used no text repeats them", async () => {
    const { t, viewer } = await newChat();
    await signIn(viewer);
    const [row] = await rows(t);
    if (row?.signIn.kind !== "signedIn") throw new Error("Nobody is signed in");
    const bytes = new TextDecoder("latin1").decode(row.signIn.sealed.bytes);
    expect(`${JSON.stringify(row)}${bytes}`).not.toMatch(/access-|refresh-/);

    const opened = await open(t, viewer);
    const token = shop.mcp.authorizations.at(-1)?.replace("Bearer ", "") ?? "";
    expect(token).toMatch(/^access-/);
    expect(await call(opened, "shop__echo")).not.toContain(token);
    expect(withoutSecrets(`It said ${token}.`)).toBe("It said [hidden].");
    await opened.close();
    expect(withoutSecrets(`It said ${token}.`)).toContain(token);

    // Moved to a thief's row, it opens nothing.
    const thief = await newViewer(t);
    const stolen = { userId: thief.userId, server: row.server, signIn: row.signIn };
    await t.run((ctx) => ctx.db.insert("mcpSignIns", stolen));
    expect((await open(t, thief)).signedOut).toEqual(["shop"]);
    // Nor does it go to another address that the server's name stands for by now.
    configure({ shop: { url: shop.mcp.url.replace("/mcp", "/other"), signIn: true } });
    expect((await open(t, viewer)).signedOut).toEqual(["shop"]);
    // The page asks for another, which it can no longer be opened without.
    if (inject("engine") === "convex-test") expect(await stateOf(viewer)).toBe("again");
  });

  test("[G11] what comes back counts once, for the person and the browser that began it", async () => {
    const { t, viewer } = await newChat();
    const stranger = await newViewer(t);
    const back = await shop.allow(await begin(viewer));
    await expectFailure(finish(stranger, back), "SIGN_IN_ENDED");
    // The same person in another browser: what a thief of the address has.
    const session = { userId: viewer.userId, expirationTime: Date.now() + 86_400_000 };
    const sessionId = await t.run((ctx) => ctx.db.insert("authSessions", session));
    const elsewhere = {
      ...t.withIdentity({ subject: `${viewer.userId}|${sessionId}` }),
      ...{ userId: viewer.userId, subject: "elsewhere" },
    };
    await expectFailure(finish(elsewhere, back), "SIGN_IN_ENDED");
    expect(await rows(t)).toEqual([]);
    // Neither has used it up.
    await finish(viewer, back);
    await expectFailure(finish(viewer, back), "SIGN_IN_ENDED");
    await expectFailure(finish(viewer, { ...back, state: "made-up" }), "SIGN_IN_ENDED");
    expect(await stateOf(stranger)).toBe("needed");
    expect((await rows(t)).map(({ userId }) => userId)).toEqual([viewer.userId]);
  });

  test("a try ends after ten minutes, with its job; five are kept", async () => {
    const { t, viewer } = await newChat();
    const first = await shop.allow(await begin(viewer));
    for (let i = 0; i < 5; i++) await begin(viewer);
    const tries = () => t.run((ctx) => ctx.db.query("mcpSignInTries").collect());
    expect(await tries()).toHaveLength(5);
    await expectFailure(finish(viewer, first), "SIGN_IN_ENDED");
    const late = await shop.allow(await begin(viewer));
    const last = (await tries()).at(-1);
    if (!last) throw new Error("There is no try");
    await t.run((ctx) => ctx.db.patch("mcpSignInTries", last._id, { endsAt: Date.now() - 1 }));
    await expectFailure(finish(viewer, late), "SIGN_IN_ENDED");
    const [open] = await tries();
    if (!open) throw new Error("There is no try");
    await t.mutation(internal.mcp.forgetTry, { tryId: open._id });
    await t.mutation(internal.mcp.forgetTry, { tryId: open._id });
    expect(await tries()).toHaveLength(3);
  });

  test("a code that the server refuses, and an answer in another server's name, sign nobody in", async () => {
    const { t, viewer } = await newChat();
    const back = await shop.allow(await begin(viewer));
    await expectFailure(finish(viewer, { ...back, code: "guessed" }), "SIGN_IN_FAILED");
    const again = await shop.allow(await begin(viewer));
    await expectFailure(finish(viewer, again, "https://evil.example"), "SIGN_IN_FAILED");
    expect(await rows(t)).toEqual([]);
  });

  test("people come back to the page of this server alone", async () => {
    const { viewer } = await newChat();
    for (const origin of ["https://evil.example", "https://chat.example.evil", "javascript:", "null", ""]) {
      await expectFailure(begin(viewer, origin), "INVALID_INPUT");
    }
    expect(shop.clients.size).toBe(0);
  });

  test.runIf(inject("engine") === "convex-test")(
    "this machine's names are as good as each other",
    async () => {
      const { viewer } = await newChat();
      vi.stubEnv("SITE_URL", "");
      vi.stubEnv("CONVEX_SITE_URL", "http://127.0.0.1:3210");
      const page = new URL(await begin(viewer, "http://localhost:3210"));
      expect(page.searchParams.get("redirect_uri")).toBe("http://localhost:3210/connected");
      await expectFailure(begin(viewer, "http://localhost:3211"), "INVALID_INPUT");
    },
  );

  test("a client that the owner has registered is used, with its secret; none is made", async () => {
    const { t, viewer } = await newChat();
    const client = { client_id: "verbatim", client_secret: "s3cret-of-the-client" };
    shop.clients.set("verbatim", { ...client, redirect_uris: [`${ORIGIN}/connected`] });
    const issuer = new URL(shop.issuer).href;
    const signedIn = { clientId: client.client_id, clientSecret: client.client_secret, issuer, scope: "tea" };
    configure({ shop: { url: shop.mcp.url, signIn: signedIn } });
    // The embedded engine has read its settings.
    if (inject("engine") !== "convex-test") return;
    const page = await begin(viewer);
    expect(Object.fromEntries(new URL(page).searchParams)).toMatchObject({
      client_id: "verbatim",
      scope: "tea",
    });
    await finish(viewer, await shop.allow(page));
    expect(shop.clients.size).toBe(1);
    const opened = await open(t, viewer);
    expect(opened.signedOut).toEqual([]);
    expect(withoutSecrets(client.client_secret)).toBe("[hidden]");
    await opened.close();
  });

  test("signing out forgets it, for oneself", async () => {
    const { t, viewer } = await newChat();
    const other = await newViewer(t);
    await signIn(viewer);
    await signIn(other);
    await viewer.mutation(api.mcp.signOut, { server: "shop" });
    await viewer.mutation(api.mcp.signOut, { server: "shop" });
    expect([await stateOf(viewer), await stateOf(other)]).toEqual(["needed", "done"]);
    expect((await open(t, viewer)).signedOut).toEqual(["shop"]);
    await expect.poll(() => shop.revoked).toHaveLength(2);
  });

  test("signing out has the server end both tokens; the next person's go on", async () => {
    const { t, viewer } = await newChat();
    const other = await newViewer(t);
    await signIn(viewer);
    await signIn(other);
    const opened = await open(t, viewer);
    const token = shop.mcp.authorizations.at(-1)?.replace("Bearer ", "") ?? "";
    await viewer.mutation(api.mcp.signOut, { server: "shop" });
    await expect.poll(() => shop.revoked).toHaveLength(2);
    expect(shop.revoked).toEqual([expect.stringMatching(/^refresh-/), token]);
    // A call under way learns of it, and does not bring the sign-in back.
    await expect(call(opened, "shop__look")).rejects.toThrow("sign in to shop");
    await opened.close();
    expect(await rows(t)).toHaveLength(1);
    const others = await open(t, other);
    expect(await call(others, "shop__look")).toBe("There is tea.");
    await others.close();
  });

  test("a client with a secret revokes with it", async () => {
    const { t, viewer } = await newChat();
    await signIn(viewer);
    const data = await signInDataOf(t, viewer);
    const client = { client_id: "verbatim", client_secret: "s3cret-of-the-client" };
    shop.clients.set("verbatim", { ...client, redirect_uris: [`${ORIGIN}/connected`] });
    const logged = watchLog();
    await revokeSignIn(server(), { ...data, client: { ...client, client_secret: "wrong-secret" } });
    expect(shop.revoked).toEqual([]);
    expect(logged()).toContain("could not be revoked there");
    expect(logged()).not.toMatch(/wrong-secret|refresh-|access-/);
    await revokeSignIn(server(), { ...data, client });
    expect(shop.revoked).toHaveLength(2);
  });

  test("where the server cannot revoke anything, or is away, one is signed out all the same", async () => {
    const { t, viewer } = await newChat();
    await signIn(viewer);
    const data = await signInDataOf(t, viewer);
    shop.behaviour.isDown = true;
    await viewer.mutation(api.mcp.signOut, { server: "shop" });
    expect(await stateOf(viewer)).toBe("needed");
    await revokeSignIn(server(), data);
    expect(shop.revoked).toEqual([]);

    const plain = await startSignInServer({ revokes: false });
    const logged = watchLog();
    const lines = logged();
    const tokens = { ...data.tokens, authorization_server: `${plain.issuer}/` };
    await revokeSignIn({ ...server(), url: plain.mcp.url }, { ...data, tokens });
    expect([plain.revoked, logged()]).toEqual([[], lines]);
    await plain.close();
  });

  test.runIf(inject("engine") === "convex-test")(
    "the server's secret can be changed: sign-ins are sealed with the new one, and the old one is taken away",
    async () => {
      const [first, next] = [
        process.env["VERBATIM_KEY_SECRET"] ?? "",
        "another-secret-0123456789abcdefghijkl",
      ];
      const { t, viewer } = await newChat();
      await signIn(viewer);
      vi.stubEnv("VERBATIM_KEY_SECRET", `${next}, ${first}`);
      await (await open(t, viewer)).close();
      expect(await t.action(internal.keys.reseal, {})).toEqual({ resealed: 1, unreadable: 0 });
      expect(await t.action(internal.keys.reseal, {})).toEqual({ resealed: 0, unreadable: 0 });
      vi.stubEnv("VERBATIM_KEY_SECRET", next);
      expect(await stateOf(viewer)).toBe("done");
      const opened = await open(t, viewer);
      expect(await call(opened, "shop__look")).toBe("There is tea.");
      await opened.close();
      // Taken away too early, it is asked for again, and that helps.
      vi.stubEnv("VERBATIM_KEY_SECRET", first);
      expect(await t.action(internal.keys.reseal, {})).toEqual({ resealed: 0, unreadable: 1 });
      expect(await stateOf(viewer)).toBe("again");
      expect((await open(t, viewer)).signedOut).toEqual(["shop"]);
      await signIn(viewer);
      expect(await stateOf(viewer)).toBe("done");
    },
  );

  test("a server that is not there, and one that knows no sign-in, are told as such", async () => {
    const { viewer } = await newChat();
    await expectFailure(
      viewer.action(api.mcpSignIn.begin, { server: "no-such", origin: ORIGIN }),
      "NOT_FOUND",
    );
    shop.behaviour.isDown = true;
    await expectFailure(begin(viewer), "SIGN_IN_FAILED");
    shop.behaviour.isDown = false;
    shop.mcp.behaviour.metadata = {};
    await expectFailure(begin(viewer), "SIGN_IN_FAILED");
  });
});

describe("tokens that run out", () => {
  test("in the middle of a chat: the call is made once, with a new token; the next run has it too", async () => {
    const { t, viewer } = await newChat();
    await signIn(viewer);
    const opened = await open(t, viewer);
    shop.expire();
    expect(await call(opened, "shop__order", { what: "tea" })).toBe("Ordered: tea");
    expect(shop.mcp.calls).toHaveLength(1);
    expect(shop.refreshed).toHaveLength(1);
    await opened.close();
    const next = await open(t, viewer);
    expect(await call(next, "shop__look")).toBe("There is tea.");
    expect(shop.refreshed).toHaveLength(1);
    await next.close();
  });

  test("one that is about to end is renewed before it is used", async () => {
    shop.behaviour.lifetime = 20;
    const { t, viewer } = await newChat();
    await signIn(viewer);
    shop.behaviour.lifetime = null;
    const before = shop.mcp.authorizations.length;
    const opened = await open(t, viewer);
    expect(shop.refreshed).toHaveLength(1);
    expect(new Set(shop.mcp.authorizations.slice(before)).size).toBe(1);
    await opened.close();
  });

  test("four runs and eight calls at once renew it one after the other, and never with a token that was used", async () => {
    const { t, viewer } = await newChat();
    await signIn(viewer);
    const runs = await Promise.all(Array.from({ length: 4 }, () => open(t, viewer)));
    shop.expire();
    const calls = runs.flatMap((opened) => [call(opened, "shop__look"), call(opened, "shop__look")]);
    expect(await Promise.all(calls)).toEqual(calls.map(() => "There is tea."));
    expect(shop.reused).toEqual([]);
    expect(shop.refreshed).toHaveLength(1);
    await Promise.all(runs.map((opened) => opened.close()));
  });

  test("what was withdrawn at the server ends the sign-in: the call says so, the page asks again, and that helps", async () => {
    const { t, viewer } = await newChat();
    await signIn(viewer);
    const opened = await open(t, viewer);
    shop.revoke();
    await expect(call(opened, "shop__order", { what: "tea" })).rejects.toThrow("sign in to shop");
    expect(shop.mcp.calls).toEqual([]);
    expect(await stateOf(viewer)).toBe("again");
    await opened.close();
    expect((await open(t, viewer)).signedOut).toEqual(["shop"]);
    await signIn(viewer);
    expect(await stateOf(viewer)).toBe("done");
    const again = await open(t, viewer);
    expect(await call(again, "shop__order", { what: "tea" })).toBe("Ordered: tea");
    await again.close();
  });

  test("a server of tokens that is away ends nothing: the next try may go better", async () => {
    const { t, viewer } = await newChat();
    await signIn(viewer);
    shop.expire();
    shop.behaviour.isDown = true;
    expect(await open(t, viewer)).toMatchObject({ unavailable: ["shop"], signedOut: [] });
    expect(await stateOf(viewer)).toBe("done");
    shop.behaviour.isDown = false;
    const opened = await open(t, viewer);
    expect(await call(opened, "shop__look")).toBe("There is tea.");
    await opened.close();
  });

  test("signing out while it is renewed stays signed out", async () => {
    const { t, viewer } = await newChat();
    await signIn(viewer);
    const store = storeOf(t, viewer);
    const stored = await store.read("shop");
    if (!stored) throw new Error("Nobody is signed in");
    expect(await store.renew("shop", stored.version)).toEqual({ kind: "yours" });
    expect(await store.renew("shop", stored.version)).toEqual({ kind: "wait" });
    await viewer.mutation(api.mcp.signOut, { server: "shop" });
    await store.endRenewal("shop", stored.version, { kind: "renewed", stored });
    expect(await rows(t)).toEqual([]);
    expect(await store.renew("shop", stored.version)).toEqual({ kind: "ended" });
    // What the renewal has brought is revoked, too.
    await expect.poll(() => shop.revoked).toHaveLength(4);
  });
});

describe("addresses that a server names", () => {
  /** Whom the MCP server sends people to, and what comes of it. */
  const beginAt = async (viewer: Viewer, authorizationServer: string) => {
    const [path] = Object.keys(shop.mcp.behaviour.metadata);
    shop.mcp.behaviour.metadata = {
      [path ?? ""]: { resource: shop.mcp.url, authorization_servers: [authorizationServer] },
    };
    await expectFailure(begin(viewer), "SIGN_IN_FAILED");
  };

  test.each([
    "http://169.254.169.254/latest",
    "https://10.0.0.1/",
    "https://[fd00::1]/",
    "file:///etc/passwd",
  ])("%s is not asked", async (address) => {
    const { viewer } = await newChat();
    await beginAt(viewer, address);
  });

  test("only the owner's two may be anywhere: a name must lead to public addresses alone, by https, at the moment of use", async () => {
    let asked = 0;
    const inside = http.createServer((_request, response) => {
      asked += 1;
      response.end("{}");
    });
    inside.listen(0, "127.0.0.1");
    await once(inside, "listening");
    const { port } = inside.address() as AddressInfo;
    const names: Record<string, string[]> = {
      "inside.test": ["127.0.0.1"],
      "half.test": ["8.8.8.8", "10.0.0.1"],
      "sixth.test": ["::ffff:127.0.0.1"],
    };
    const network: Network = {
      resolve: (name) => Promise.resolve((names[name] ?? []).map((address) => ({ address, family: 4 }))),
      isPublic: isPublicAddress,
    };
    const server = { name: "far", url: "https://mcp.example/mcp", approval: "always" as const };
    const fetchFn = discoveryFetch(server, network);
    for (const name of Object.keys(names)) {
      await expect(fetchFn(`https://${name}:${port}/`)).rejects.toThrow("not on the public internet");
    }
    for (const address of ["127.0.0.1", "localhost", "[::1]", "8.8.8.8", "inside.test"]) {
      await expect(fetchFn(`http://${address}:${port}/`)).rejects.toThrow("https");
    }
    expect(asked).toBe(0);
    // Named by the owner, it may be here.
    const named = discoveryFetch({ ...server, signIn: { issuer: `http://127.0.0.1:${port}/` } }, network);
    expect((await named(`http://127.0.0.1:${port}/token`, { method: "POST" })).status).toBe(200);
    expect(asked).toBe(1);
    inside.closeAllConnections();
    inside.close();
  });

  test("the owner's two lead nowhere else by redirects, which would take secrets along", async () => {
    let asked = 0;
    const inside = http.createServer((_request, response) => {
      asked += 1;
      response.end("{}");
    });
    const named = http.createServer((_request, response) =>
      response.writeHead(307, { location: address(inside) }).end(),
    );
    const address = (server: http.Server) =>
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
    for (const server of [inside, named]) await once(server.listen(0, "127.0.0.1"), "listening");
    const fetchFn = discoveryFetch({ name: "shop", url: address(named), approval: "always" });
    await expect(fetchFn(address(named), { method: "POST", body: "refresh_token=x" })).rejects.toThrow();
    expect((await fetchFn(address(named), { redirect: "manual" })).status).toBe(307);
    expect(asked).toBe(0);
    for (const server of [inside, named]) server.close();
  });

  test("answers are bounded", async () => {
    const endless = http.createServer((_request, response) => response.end("x".repeat(300_000)));
    endless.listen(0, "127.0.0.1");
    await once(endless, "listening");
    const url = `http://127.0.0.1:${(endless.address() as AddressInfo).port}/`;
    const response = await discoveryFetch({ name: "long", url, approval: "always" })(url);
    await expect(response.text()).rejects.toThrow("too long");
    endless.closeAllConnections();
    endless.close();
  });

  test("a page to sign in at that is none is shown to nobody", async () => {
    const { viewer } = await newChat();
    const bad = http.createServer((_request, response) => {
      response.setHeader("content-type", "application/json").end(
        JSON.stringify({
          issuer: address(),
          authorization_endpoint: "javascript:alert(1)",
          token_endpoint: `${address()}/token`,
          registration_endpoint: `${address()}/register`,
          ...{ response_types_supported: ["code"], code_challenge_methods_supported: ["S256"] },
          ...{ client_id: "x", redirect_uris: [] },
        }),
      );
    });
    const address = () => `http://127.0.0.1:${(bad.address() as AddressInfo).port}`;
    bad.listen(0, "127.0.0.1");
    await once(bad, "listening");
    await beginAt(viewer, address());
    bad.closeAllConnections();
    bad.close();
  });
});
