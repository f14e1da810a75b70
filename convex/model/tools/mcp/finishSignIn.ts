"use node";

import { auth } from "@ai-sdk/mcp";
import { failure } from "../../../shared/errors";
import type { McpServer } from "../../../shared/mcpConfig";
import { log } from "../../log";
import { withoutSecrets } from "../../secrets";
import type { Network } from "../web/checkedRequest";
import { discoveryFetch } from "./discoveryFetch";
import { OAuthClient } from "./oauthClient";
import { signInDataOf, type SignInData, type TryData } from "./signInData";

/**
 * Exchanges the code that a person has brought back for tokens. `issuer`: who says to have sent them (RFC 9207), if anybody does. Errors:
 * SIGN_IN_FAILED.
 */
export async function finishSignIn(
  server: McpServer,
  data: TryData,
  back: { code: string; issuer?: string; network?: Network },
): Promise<SignInData> {
  const { client: information, redirectUrl, codeVerifier, server: authorizationServer, scope } = data;
  const client = new OAuthClient(server, {
    ...{ client: information, redirectUrl, codeVerifier, authorizationServer },
  });
  try {
    const { authorizationServerUrl } = authorizationServer;
    if (back.issuer !== undefined && !isSameServer(back.issuer, authorizationServerUrl)) {
      throw new Error("Another server has answered than the one that was asked.");
    }
    await auth(client, {
      ...{ serverUrl: server.url, authorizationCode: back.code },
      fetchFn: discoveryFetch(server, back.network),
      ...(scope !== undefined && { scope }),
      ...(data.resourceMetadataUrl !== undefined && {
        resourceMetadataUrl: new URL(data.resourceMetadataUrl),
      }),
    });
    const { tokens } = client.known;
    if (tokens === undefined) throw new Error("It gave no token.");
    return signInDataOf(data, tokens);
  } catch (error) {
    const words = withoutSecrets(error instanceof Error ? error.message : String(error));
    log("TOOLS", `A sign-in to the MCP server ${server.name} has failed: ${words}`);
    throw failure("SIGN_IN_FAILED", `${server.name} has not accepted the sign-in.`);
  }
}

const isSameServer = (a: string, b: string): boolean =>
  URL.canParse(a) && new URL(a).origin === new URL(b).origin;
