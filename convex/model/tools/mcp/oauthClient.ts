"use node";

import type {
  OAuthAuthorizationServerInformation,
  OAuthClientInformation,
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthTokens,
} from "@ai-sdk/mcp";
import type { McpServer } from "../../../shared/mcpConfig";

type Known = {
  redirectUrl: string;
  /** Absent: Verbatim registers itself. */
  client?: OAuthClientInformation | undefined;
  tokens?: OAuthTokens | undefined;
  state?: string;
  codeVerifier?: string;
  authorizationServer?: OAuthAuthorizationServerInformation;
};

/**
 * What `auth` of `@ai-sdk/mcp` asks of the program that it is in. Everything is in memory, for one step of one person's sign-in; its caller reads
 * what has come of it. The flow is that of OAuth 2.1 with PKCE, as the MCP specification of 2025-11-25 has it under "Authorization".
 */
export class OAuthClient implements OAuthClientProvider {
  /** Where the person must go. */
  authorizationUrl: URL | null = null;
  /** The refresh token was refused. */
  isRefused = false;

  constructor(
    private readonly server: McpServer,
    readonly known: Known,
  ) {
    this.known.client ??= configuredClient(server);
  }

  get redirectUrl(): string {
    return this.known.redirectUrl;
  }

  get clientMetadata(): OAuthClientMetadata {
    const scope = this.server.signIn?.scope;
    return {
      client_name: "Verbatim",
      redirect_uris: [this.redirectUrl],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      ...(scope !== undefined && { scope }),
    };
  }

  clientInformation(): OAuthClientInformation | undefined {
    return this.known.client;
  }

  saveClientInformation(client: OAuthClientInformation): void {
    this.known.client = client;
  }

  tokens(): OAuthTokens | undefined {
    return this.known.tokens;
  }

  saveTokens(tokens: OAuthTokens): void {
    // A server that gives no new refresh token means the one before.
    const { refresh_token = this.known.tokens?.refresh_token } = tokens;
    this.known.tokens = { ...tokens, ...(refresh_token !== undefined && { refresh_token }) };
  }

  invalidateCredentials(): void {
    this.isRefused = true;
    this.known.tokens = undefined;
  }

  state(): string {
    return this.known.state ?? "";
  }

  storedState(): string | undefined {
    return this.known.state;
  }

  codeVerifier(): string {
    return this.known.codeVerifier ?? "";
  }

  saveCodeVerifier(codeVerifier: string): void {
    this.known.codeVerifier = codeVerifier;
  }

  authorizationServerInformation(): OAuthAuthorizationServerInformation | undefined {
    return this.known.authorizationServer;
  }

  saveAuthorizationServerInformation(information: OAuthAuthorizationServerInformation): void {
    this.known.authorizationServer = information;
  }

  redirectToAuthorization(url: URL): void {
    this.authorizationUrl = url;
  }
}

function configuredClient({ signIn }: McpServer): OAuthClientInformation | undefined {
  if (signIn?.clientId === undefined) return undefined;
  const { clientId, clientSecret, issuer } = signIn;
  return {
    client_id: clientId,
    ...(clientSecret !== undefined && { client_secret: clientSecret }),
    ...(issuer !== undefined && { issuer }),
  };
}
