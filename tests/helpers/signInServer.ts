/**
 * An MCP server that people sign in to, and the authorization server that it names, on a port of its own: by the official SDK's server side,
 * which checks clients, redirect addresses and PKCE by itself.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { InvalidGrantError } from "@modelcontextprotocol/sdk/server/auth/errors.js";
import type { OAuthServerProvider } from "@modelcontextprotocol/sdk/server/auth/provider.js";
import { mcpAuthRouter } from "@modelcontextprotocol/sdk/server/auth/router.js";
import type { OAuthClientInformationFull, OAuthTokens } from "@modelcontextprotocol/sdk/shared/auth.js";
import express from "express";
import { startMcpServer, type TestMcpServer } from "./mcpServer.ts";

export type SignInServer = {
  /** The MCP server, which takes current tokens alone. */
  mcp: TestMcpServer;
  issuer: string;
  clients: Map<string, OAuthClientInformationFull>;
  /** Refresh tokens that were used, in order; `reused`: more than once, which ends the sign-in. */
  refreshed: string[];
  reused: string[];
  /** Tokens that were revoked by their client (RFC 7009), in order. */
  revoked: string[];
  /** What each code was asked for with. */
  resources: (string | undefined)[];
  behaviour: {
    /** Seconds that an access token lives; null says nothing. */
    lifetime: number | null;
    /** The authorization server answers 503. */
    isDown: boolean;
  };
  /** Access tokens that were given end, as if their time was over. */
  expire(): void;
  /** So do refresh tokens, as when a person withdraws what they allowed. */
  revoke(): void;
  /** What a person who says yes is sent back with from this page. */
  allow(page: string): Promise<{ url: URL; code: string; state: string }>;
  close(): Promise<void>;
};

/** `revokes`: can a client have its tokens ended? */
export async function startSignInServer({ revokes = true } = {}): Promise<SignInServer> {
  const mcp = await startMcpServer();
  const app = express();
  const listener = http.createServer((request, response) => {
    if (state.behaviour.isDown) response.writeHead(503).end();
    else app(request, response);
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const issuer = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;

  const codes = new Map<string, { challenge: string; clientId: string }>();
  const accessTokens = new Set<string>();
  let refreshTokens = new Set<string>();

  const state: SignInServer = {
    ...{ mcp, issuer, clients: new Map(), refreshed: [], reused: [], revoked: [], resources: [] },
    behaviour: { lifetime: 3_600, isDown: false },
    expire: () => accessTokens.clear(),
    revoke: () => {
      accessTokens.clear();
      refreshTokens = new Set();
    },
    allow: async (page) => {
      const html = await (await fetch(page)).text();
      const link = /<a id="allow" href="([^"]+)"/.exec(html)?.[1];
      if (link === undefined) throw new Error(`The page asks nobody: ${html.slice(0, 500)}`);
      const url = new URL(link.replaceAll("&amp;", "&"));
      const value = (name: string) => url.searchParams.get(name) ?? "";
      return { url, code: value("code"), state: value("state") };
    },
    close: async () => {
      await mcp.close();
      listener.closeAllConnections();
      listener.close();
      await once(listener, "close");
    },
  };

  const issue = (): OAuthTokens => {
    const [access, refresh] = [`access-${randomUUID()}`, `refresh-${randomUUID()}`];
    accessTokens.add(access);
    refreshTokens.add(refresh);
    const { lifetime } = state.behaviour;
    return {
      ...{ access_token: access, token_type: "Bearer", refresh_token: refresh },
      ...(lifetime !== null && { expires_in: lifetime }),
    };
  };

  const provider: OAuthServerProvider = {
    clientsStore: {
      getClient: (id) => state.clients.get(id),
      registerClient: (client) => {
        const full: OAuthClientInformationFull = { client_id: randomUUID(), ...client };
        state.clients.set(full.client_id, full);
        return full;
      },
    },
    authorize: (client, params, response) => {
      const code = randomUUID();
      codes.set(code, { challenge: params.codeChallenge, clientId: client.client_id });
      state.resources.push(params.resource?.href);
      const back = (values: Record<string, string>) => {
        const url = new URL(params.redirectUri);
        const all = { ...values, iss: new URL(issuer).href, ...(params.state && { state: params.state }) };
        for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
        return url.href.replaceAll("&", "&amp;");
      };
      response
        .type("html")
        .send(
          `<title>The shop</title><h1>Let ${client.client_name ?? "somebody"} order tea for you?</h1>` +
            `<a id="allow" href="${back({ code })}">Allow</a> <a id="deny" href="${back({ error: "access_denied" })}">No</a>`,
        );
      return Promise.resolve();
    },
    challengeForAuthorizationCode: (_client, code) => {
      const found = codes.get(code);
      return found ? Promise.resolve(found.challenge) : Promise.reject(new InvalidGrantError("No such code"));
    },
    exchangeAuthorizationCode: (client, code) => {
      const found = codes.get(code);
      codes.delete(code);
      if (found?.clientId !== client.client_id) return Promise.reject(new InvalidGrantError("No such code"));
      return Promise.resolve(issue());
    },
    exchangeRefreshToken: (_client, token) => {
      if (state.refreshed.includes(token)) {
        state.reused.push(token);
        state.revoke();
      }
      if (!refreshTokens.delete(token)) return Promise.reject(new InvalidGrantError("No such token"));
      state.refreshed.push(token);
      return Promise.resolve(issue());
    },
    verifyAccessToken: () => Promise.reject(new Error("The MCP server looks itself")),
    ...(revokes && {
      revokeToken: (_client, { token }) => {
        state.revoked.push(token);
        accessTokens.delete(token);
        refreshTokens.delete(token);
        return Promise.resolve();
      },
    }),
  };
  const noLimit = { rateLimit: false } as const;
  app.use(
    mcpAuthRouter({
      ...{ provider, issuerUrl: new URL(issuer), resourceServerUrl: new URL(mcp.url) },
      ...{ authorizationOptions: noLimit, tokenOptions: noLimit, clientRegistrationOptions: noLimit },
      revocationOptions: noLimit,
    }),
  );

  mcp.behaviour.accepts = (authorization) => accessTokens.has(authorization?.replace("Bearer ", "") ?? "");
  const path = "/.well-known/oauth-protected-resource/mcp";
  mcp.behaviour.challenge = `Bearer resource_metadata="${new URL(path, mcp.url).href}"`;
  mcp.behaviour.metadata = {
    [path]: { resource: mcp.url, authorization_servers: [new URL(issuer).href] },
  };
  return state;
}
