"use node";

import * as oauth from "oauth4webapi";
import type { McpServer } from "../../../shared/mcpConfig";
import { log } from "../../log";
import { hideSecret, withoutSecrets } from "../../secrets";
import type { Network } from "../web/checkedRequest";
import { discoveryFetch } from "./discoveryFetch";
import type { SignInData } from "./signInData";

type Options = ReturnType<typeof optionsFor>;

/** Which addresses may be reached, and by http or not, is for `discoveryFetch` to say. */
function optionsFor(server: McpServer, network?: Network) {
  const fetchFn = discoveryFetch(server, network);
  return {
    [oauth.customFetch]: (
      url: string,
      { body, ...init }: oauth.CustomFetchOptions<string, URLSearchParams | undefined>,
    ) => fetchFn(url, { ...init, ...(body !== undefined && { body }) }),
    [oauth.allowInsecureRequests]: true,
  };
}

/**
 * Has whoever signed a person in to a server end the tokens that it gave (RFC 7009), where its metadata names an endpoint for that: the refresh
 * token, then the access token. Tried once. Never rejects: a failure is a line on the log, since the sign-in is forgotten here anyway.
 */
export async function revokeSignIn(server: McpServer, data: SignInData, network?: Network): Promise<void> {
  const { tokens, client } = data;
  const secrets = [tokens.refresh_token, tokens.access_token, client.client_secret].filter(
    (secret) => secret !== undefined,
  );
  const releases = secrets.map(hideSecret);
  const options = optionsFor(server, network);
  try {
    if (tokens.authorization_server === undefined) return;
    const issuer = await discover(new URL(tokens.authorization_server), options);
    if (issuer?.revocation_endpoint === undefined) return;
    const given = { refresh_token: tokens.refresh_token, access_token: tokens.access_token };
    for (const [hint, token] of Object.entries(given)) {
      if (token === undefined) continue;
      const response = await oauth.revocationRequest(
        ...([issuer, { client_id: client.client_id }, clientAuth(client, issuer), token] as const),
        { ...options, additionalParameters: { token_type_hint: hint } },
      );
      await oauth.processRevocationResponse(response);
    }
  } catch (error) {
    const words = withoutSecrets(error instanceof Error ? error.message : String(error));
    log("TOOLS", `A sign-in to the MCP server ${server.name} could not be revoked there: ${words}`);
  } finally {
    for (const release of releases) release();
  }
}

/** Its metadata: OAuth's (RFC 8414), else OpenID Connect's. Null when it has neither. */
async function discover(issuer: URL, options: Options): Promise<oauth.AuthorizationServer | null> {
  for (const algorithm of ["oauth2", "oidc"] as const) {
    const response = await oauth.discoveryRequest(issuer, { ...options, algorithm });
    if (response.ok) return await oauth.processDiscoveryResponse(issuer, response);
    await response.body?.cancel();
  }
  return null;
}

function clientAuth(
  { client_secret: secret }: SignInData["client"],
  { revocation_endpoint_auth_methods_supported: methods }: oauth.AuthorizationServer,
): oauth.ClientAuth {
  if (secret === undefined) return oauth.None();
  // RFC 8414, 2: what holds where nothing is said.
  return (methods ?? ["client_secret_basic"]).includes("client_secret_basic")
    ? oauth.ClientSecretBasic(secret)
    : oauth.ClientSecretPost(secret);
}
