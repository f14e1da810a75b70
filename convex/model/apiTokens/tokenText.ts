import { digestOf, newSecret } from "../accounts/secrets";

/** By which a token is told from a session's, and found by programs that look for secrets in files. */
const PREFIX = "verbatim_";
const SECRET_BYTES = 32;
/** Of the secret, shown in the list: 24 of its 256 bits. */
const HINT_CHARS = 4;

/** A new token, and what is kept of it. For actions: mutations have seeded randomness. */
export async function newToken(): Promise<{ token: string; secretDigest: string; hint: string }> {
  const token = PREFIX + newSecret(SECRET_BYTES);
  return { token, secretDigest: await digestOf(token), hint: token.slice(0, PREFIX.length + HINT_CHARS) };
}

const HEADER = /^Bearer\s+(verbatim_[\w-]{1,100})\s*$/i;

/** The token that came with a request; null for none, or a session's. */
export const tokenOf = (request: Request): string | null =>
  HEADER.exec(request.headers.get("Authorization") ?? "")?.[1] ?? null;
