"use node";

import { auth } from "@ai-sdk/mcp";
import { failure } from "../../../shared/errors";
import type { McpServer } from "../../../shared/mcpConfig";
import { log } from "../../log";
import { withoutSecrets } from "../../secrets";
import type { Network } from "../web/checkedRequest";
import { discoveryFetch } from "./discoveryFetch";
import { OAuthClient } from "./oauthClient";
import type { TryData } from "./signInData";

/**
 * Finds out who signs people in to a server, and makes Verbatim known there. Returns the page that the person must go to, and what is needed
 * when they come back with `state`. Errors: SIGN_IN_FAILED.
 */
export async function beginSignIn(
  server: McpServer,
  { state, redirectUrl, network }: { state: string; redirectUrl: string; network?: Network },
): Promise<{ url: string; data: TryData }> {
  const client = new OAuthClient(server, { state, redirectUrl });
  const fetchFn = discoveryFetch(server, network);
  try {
    const asked = await challengeOf(server, fetchFn);
    const scope = server.signIn?.scope ?? asked.scope;
    await auth(client, {
      ...{ serverUrl: server.url, fetchFn },
      ...(scope !== undefined && { scope }),
      ...(asked.resourceMetadataUrl !== undefined && {
        resourceMetadataUrl: new URL(asked.resourceMetadataUrl),
      }),
    });
    const { authorizationUrl, known } = client;
    if (!authorizationUrl || !known.client || !known.codeVerifier || !known.authorizationServer) {
      throw new Error("It sends people nowhere to sign in.");
    }
    const { client: information, codeVerifier, authorizationServer } = known;
    return {
      url: webPage(authorizationUrl, server),
      data: {
        ...{ client: information, redirectUrl, codeVerifier, server: authorizationServer },
        ...(asked.resourceMetadataUrl !== undefined && { resourceMetadataUrl: asked.resourceMetadataUrl }),
        ...(scope !== undefined && { scope }),
      },
    };
  } catch (error) {
    const words = withoutSecrets(error instanceof Error ? error.message : String(error));
    log("TOOLS", `Nobody can be signed in to the MCP server ${server.name}: ${words}`);
    throw failure("SIGN_IN_FAILED", `${server.name} does not let anybody sign in now.`);
  }
}

/** A page that a browser may be sent to: what a server says is not to be trusted with `javascript:`. */
function webPage(url: URL, server: McpServer): string {
  const isPlain = url.protocol === "http:" && new URL(server.url).protocol === "http:";
  if (url.protocol !== "https:" && !isPlain) throw new Error("Its sign-in page has no https.");
  return url.href;
}

/** What a first request without a sign-in is told: where the server's metadata are (RFC 9728, 5.1), and what to ask for. */
async function challengeOf(
  server: McpServer,
  fetchFn: typeof fetch,
): Promise<{ resourceMetadataUrl?: string; scope?: string }> {
  const response = await fetchFn(server.url, {
    method: "POST",
    redirect: "error",
    headers: {
      ...server.headers,
      ...{ "Content-Type": "application/json", Accept: "application/json, text/event-stream" },
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 0, method: "ping" }),
  });
  await response.body?.cancel();
  const challenge = response.headers.get("www-authenticate") ?? "";
  const valueOf = (name: string) => new RegExp(`(?:^|[,\\s])${name}="([^"]*)"`, "i").exec(challenge)?.[1];
  const [resourceMetadataUrl, scope] = [valueOf("resource_metadata"), valueOf("scope")];
  return {
    ...(resourceMetadataUrl !== undefined && URL.canParse(resourceMetadataUrl) && { resourceMetadataUrl }),
    ...(scope !== undefined && scope !== "" && { scope }),
  };
}
