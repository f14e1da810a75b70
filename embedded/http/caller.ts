import type { IncomingMessage } from "node:http";
import { withoutKeyType } from "../admin/adminKey.ts";
import { readActingAs } from "../auth/actingAs.ts";
import { AuthenticationError, IssuerUnavailableError } from "../auth/types.ts";
import { NOBODY } from "../auth/types.ts";
import type { Authenticator, Caller } from "../auth/types.ts";
import type { JSONValue } from "convex/values";
import type { Identity } from "../functions/types.ts";
import { SERVER } from "../functions/client.ts";
import type { Client } from "../functions/client.ts";
import { clientOf } from "./exchange.ts";
import type { Exchange } from "./exchange.ts";
import { HttpError } from "./respond.ts";

/** Who sends an API request. */
export type ApiCaller = Caller & { client: Client };

/** Who sends a request to an HTTP action, or why that is not known. */
export type HttpCaller = { client: Client } & (
  { kind: "known"; identity: Identity | null } | { kind: "unknown"; reason: string }
);

/** Who sends an API request, by a token or an admin key. Throws an `HttpError` for a token that is no good. */
export async function callerOf(exchange: Exchange, authenticator: Authenticator): Promise<ApiCaller> {
  const { request } = exchange;
  const { authorization } = request.headers;
  if (authorization === undefined) return { ...NOBODY, client: clientOf(exchange, null, null) };
  try {
    if (claimsToBeAdmin(request)) {
      const caller = asAdmin(authorization, authenticator);
      const client = { ...clientOf(exchange, caller.identity, null), payer: SERVER };
      exchange.payer = SERVER;
      exchange.buffers.moveTo(SERVER, false);
      return { ...caller, client };
    }
    const token = bearerToken(authorization);
    if (token === null) throw badHeader(authorization);
    const caller = await authenticator.authenticate(token);
    return { ...caller, client: clientOf(exchange, caller.identity, token) };
  } catch (error) {
    if (error instanceof AuthenticationError) throw new HttpError(error.status, error.code, error.message);
    if (error instanceof IssuerUnavailableError) throw new HttpError(error.status, error.code, error.message);
    throw error;
  }
}

/** Does the request come with an admin key, whichever? */
export function claimsToBeAdmin({ headers }: IncomingMessage): boolean {
  return /^convex /i.test(headers.authorization ?? "");
}

/**
 * `Convex <key>`, or `Convex <key>:<base64 of an identity to act as>`. The key may have a colon of its own, behind its type.
 * (`extract_admin_key` in convex-backend's `crates/local_backend/src/authentication.rs`)
 */
function asAdmin(authorization: string, authenticator: Authenticator): Caller {
  const [key = "", ...rest] = withoutKeyType(authorization.slice("convex ".length).trim()).split(":");
  return authenticator.authenticateAdmin(key, rest.length === 0 ? null : decodeIdentity(rest.join(":")));
}

function decodeIdentity(base64: string): Identity {
  try {
    return readActingAs(JSON.parse(Buffer.from(base64, "base64").toString("utf8")) as JSONValue);
  } catch {
    throw new HttpError(400, "HeaderParseFailure", "Malformed Authorization header.");
  }
}

/**
 * Who sends a request to an HTTP action. An invalid token matters only to an action that asks for the identity: the
 * header is the app's, which may use it for keys of its own making. (`Identity::Unknown` in convex-backend's
 * `crates/keybroker`, `get_user_identity` in its `crates/isolate/src/environment/action/task_executor.rs`.)
 */
export async function callerOfHttpAction(
  exchange: Exchange,
  authenticator: Authenticator,
): Promise<HttpCaller> {
  const nobody = (): Client => clientOf(exchange, null, null);
  const { authorization } = exchange.request.headers;
  if (authorization === undefined) return { kind: "known", identity: null, client: nobody() };
  const token = bearerToken(authorization);
  if (token === null) return { kind: "unknown", reason: badHeader(authorization).message, client: nobody() };
  try {
    const { identity } = await authenticator.authenticate(token);
    return { kind: "known", identity, client: clientOf(exchange, identity, token) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: "unknown", reason, client: nobody() };
  }
}

/** Neither a token nor an admin key (`ExtractAuthenticationToken` in convex-backend's `crates/local_backend/src/authentication.rs`). */
const badHeader = (authorization: string): HttpError =>
  authorization.length < "bearer ".length
    ? new HttpError(400, "InvalidHeaderFailure", "Invalid authentication header")
    : new HttpError(400, "InvalidAdminKey", "Invalid admin key");

function bearerToken(authorization: string): string | null {
  return /^bearer (.+)$/i.exec(authorization)?.[1]?.trim() ?? null;
}
