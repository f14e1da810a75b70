import type { IncomingMessage } from "node:http";
import { AuthenticationError } from "../auth/types.ts";
import type { Authenticator } from "../auth/types.ts";
import type { Identity } from "../functions/types.ts";
import { HttpError } from "./respond.ts";

/** Who sends a request to an HTTP action, or why that is not known. */
export type HttpCaller = { kind: "known"; identity: Identity | null } | { kind: "unknown"; reason: string };

/** Who sends an API request. Throws an `HttpError` for a token that is no good. */
export async function callerOf(
  request: IncomingMessage,
  authenticator: Authenticator,
): Promise<Identity | null> {
  const { authorization } = request.headers;
  if (authorization === undefined) return null;
  if (/^convex /i.test(authorization)) {
    throw new HttpError(
      403,
      "BadAdminKey",
      "The embedded backend has no admin keys. Call internal functions from a function of the app instead",
    );
  }
  const token = bearerToken(authorization);
  if (token === null) throw new HttpError(400, "InvalidAuthHeader", "Header must begin with `bearer `");
  try {
    return (await authenticator.authenticate(token)).identity;
  } catch (error) {
    if (error instanceof AuthenticationError) throw new HttpError(401, error.code, error.message);
    throw error;
  }
}

/**
 * Who sends a request to an HTTP action. An invalid token matters only to an action that asks for the identity: the
 * header is the app's, which may use it for keys of its own making. (`Identity::Unknown` in convex-backend's
 * `crates/keybroker`, `get_user_identity` in its `crates/isolate/src/environment/action/task_executor.rs`.)
 */
export async function callerOfHttpAction(
  authorization: string | undefined,
  authenticator: Authenticator,
): Promise<HttpCaller> {
  if (authorization === undefined) return { kind: "known", identity: null };
  const token = bearerToken(authorization);
  if (token === null) return { kind: "unknown", reason: "Header must begin with `bearer `" };
  try {
    return { kind: "known", identity: (await authenticator.authenticate(token)).identity };
  } catch (error) {
    return { kind: "unknown", reason: error instanceof Error ? error.message : String(error) };
  }
}

function bearerToken(authorization: string): string | null {
  return /^bearer (.+)$/i.exec(authorization)?.[1]?.trim() ?? null;
}
