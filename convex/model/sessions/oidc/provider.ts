import * as oauth from "oauth4webapi";
import { failure } from "../../../shared/errors";
import { log } from "../../log";
import { identityOf, type Identity } from "./identity";
import type { OidcSettings } from "./oidcSettings";

/**
 * The authorization code flow of OpenID Connect Core 1.0 with PKCE (RFC 7636), `state` and `nonce`, by `oauth4webapi`: what is asked of the
 * provider, and how its answers are checked. Nothing is kept here.
 */

/** What a sign-in that has begun needs to go on. */
export type Attempt = { redirectUri: string; nonce: string; codeVerifier: string };

/** A provider that does not answer by then is down. */
const TIMEOUT_MS = 10_000;
/** Seconds by which clocks may differ. */
const CLOCK_TOLERANCE = 60;

/** Where the provider asks the person who they are. Errors: PROVIDER_FAILED. */
export async function authorizationUrl(
  settings: OidcSettings,
  { redirectUri, state, nonce, codeVerifier }: Attempt & { state: string },
): Promise<string> {
  return await asked(settings, async (options) => {
    const server = await discover(settings, options);
    if (server.authorization_endpoint === undefined) throw new Error("It names no authorization_endpoint");
    const url = new URL(server.authorization_endpoint);
    const parameters = {
      response_type: "code",
      client_id: settings.clientId,
      redirect_uri: redirectUri,
      scope: settings.scopes,
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: "S256",
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return url.href;
  });
}

/**
 * Who the person is with whom the provider has come back. `query`: the parameters of the address to which it sent them.
 * Errors: PROVIDER_FAILED.
 */
export async function identityByCode(
  settings: OidcSettings,
  { redirectUri, nonce, codeVerifier, state, query }: Attempt & { state: string; query: URLSearchParams },
): Promise<Identity> {
  return await asked(settings, async (options) => {
    const server = await discover(settings, options);
    const client: oauth.Client = { client_id: settings.clientId, [oauth.clockTolerance]: CLOCK_TOLERANCE };
    const parameters = oauth.validateAuthResponse(server, client, query, state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      clientAuth(settings, server),
      parameters,
      redirectUri,
      codeVerifier,
      options,
    );
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: nonce,
      requireIdToken: true,
    });
    await oauth.validateApplicationLevelSignature(server, response, options);
    const idToken = oauth.getValidatedIdTokenClaims(tokens);
    if (idToken === undefined) throw new Error("It sent no ID token");
    const more = await userInfo(server, client, tokens.access_token, idToken.sub, options);
    return identityOf(server.issuer, idToken.sub, { ...more, ...idToken }, settings);
  });
}

type Options = { [oauth.allowInsecureRequests]: boolean; signal: AbortSignal };

async function discover({ issuer }: OidcSettings, options: Options): Promise<oauth.AuthorizationServer> {
  return await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
}

/** Claims that the provider keeps out of its ID token. */
async function userInfo(
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  accessToken: string,
  subject: string,
  options: Options,
): Promise<oauth.UserInfoResponse | null> {
  if (server.userinfo_endpoint === undefined) return null;
  const response = await oauth.userInfoRequest(server, client, accessToken, options);
  return await oauth.processUserInfoResponse(server, client, subject, response);
}

function clientAuth({ clientSecret }: OidcSettings, server: oauth.AuthorizationServer): oauth.ClientAuth {
  if (clientSecret === null) return oauth.None();
  const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  return methods.includes("client_secret_basic")
    ? oauth.ClientSecretBasic(clientSecret)
    : oauth.ClientSecretPost(clientSecret);
}

/** What went wrong is for the log: the person can do nothing about it, and it may hold what the provider wrote. */
async function asked<T>({ issuer, name }: OidcSettings, ask: (options: Options) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const timer = setTimeout(
    () => abort.abort(new Error(`No answer within ${TIMEOUT_MS / 1_000} s`)),
    TIMEOUT_MS,
  );
  try {
    return await ask({ [oauth.allowInsecureRequests]: issuer.protocol === "http:", signal: abort.signal });
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError && error.error === "access_denied")
      throw failure("PROVIDER_FAILED", `You were not signed in at ${name}.`);
    log("ACCOUNTS", `Signing in by ${issuer.href} failed: ${inWords(error)}`);
    throw failure("PROVIDER_FAILED", `Signing in by ${name} failed. Please try again.`);
  } finally {
    clearTimeout(timer);
  }
}

function inWords(error: unknown): string {
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError)
    return [error.message, error.error, error.error_description].filter(Boolean).join(": ");
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message} (${cause.message})` : error.message;
}
