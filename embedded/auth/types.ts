import type { Identity } from "../functions/types.ts";

/** A caller whose token was found good, until then. */
export type Authenticated = {
  identity: Identity;
  /** Milliseconds since the epoch. */
  expiresAt: number;
};

export interface Authenticator {
  /** Throws an `AuthenticationError` for a token that is no good, another error where that cannot be found out now. */
  authenticate(token: string): Promise<Authenticated>;
}

/** `code` and message are Convex's own. */
export class AuthenticationError extends Error {
  override name = "AuthenticationError";
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Convex's words for a token that was good when it came and has expired since. */
export const TOKEN_EXPIRED = new AuthenticationError("TokenExpired", "Convex token identity expired");
