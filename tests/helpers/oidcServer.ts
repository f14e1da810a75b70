/** A real OpenID Connect provider (`oidc-provider`), at which people sign in by their name alone. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider, type Configuration } from "oidc-provider";

type Claims = Record<string, unknown>;

export interface OidcServer {
  readonly issuer: string;
  /** Settings of the server that trusts it. */
  readonly settings: Record<string, string>;
  /** Once more is no error. */
  close(): Promise<void>;
}

const CLIENT = { id: "verbatim", secret: randomBytes(24).toString("hex") };
const INTERACTION = /^\/interaction\/[\w-]+$/;

/** `people`: their claims, by their names, read whenever they are asked for. `origin`: of the server that sends them here. */
export async function startOidcServer(origin: string, people: Record<string, Claims>): Promise<OidcServer> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, configuration(origin, people));
  const answer = provider.callback();
  server.on("request", (request, response) => {
    if (INTERACTION.test(request.url ?? "")) void signIn(provider, request, response);
    else void answer(request, response);
  });
  return {
    issuer,
    settings: {
      VERBATIM_OIDC_ISSUER: issuer,
      VERBATIM_OIDC_CLIENT_ID: CLIENT.id,
      VERBATIM_OIDC_CLIENT_SECRET: CLIENT.secret,
      VERBATIM_OIDC_NAME: "Example ID",
      VERBATIM_OIDC_SCOPES: "openid profile email groups",
    },
    close: async () => {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function configuration(origin: string, people: Record<string, Claims>): Configuration {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    clients: [
      {
        ...{ client_id: CLIENT.id, client_secret: CLIENT.secret },
        ...{
          redirect_uris: [`${origin}/oidc`],
          grant_types: ["authorization_code"],
          response_types: ["code"],
        },
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid: "1", use: "sig", alg: "RS256" }] },
    cookies: { keys: [randomBytes(16).toString("hex")] },
    // As Keycloak and others: what the scopes allow is told by the userinfo endpoint, and not by the ID token.
    claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"], groups: ["groups"] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, ...people[sub] }) }),
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({
        ...{ clientId: oidc.client?.clientId ?? "", accountId: oidc.session?.accountId ?? "" },
      });
      grant.addOIDCScope("openid profile email groups");
      await grant.save();
      return grant;
    },
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      IdToken: 600,
      Interaction: 600,
      Session: 600,
      Grant: 600,
    },
  };
}

/** The provider's page: whoever gives a name is that person. */
async function signIn(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === "POST") {
    let body = "";
    for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString();
    const accountId = new URLSearchParams(body).get("name") ?? "";
    await provider.interactionFinished(request, response, { login: { accountId, remember: false } });
    return;
  }
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(
    '<!doctype html><html lang="en"><title>Example ID</title><h1>Example ID</h1>' +
      '<form method="post"><label>Name <input name="name"></label><button>Sign in</button></form>',
  );
}
