/** Secrets of links: made where there is real randomness (actions), stored as their digests only. */

const SECRET_BYTES = 24;

/** A new secret, for an address's fragment, which browsers send to no server. For actions: mutations have seeded randomness. */
export function newSecret(byteCount = SECRET_BYTES): string {
  const bytes = crypto.getRandomValues(new Uint8Array(byteCount));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** SHA-256 in hexadecimal. Enough for what has 192 random bits. */
export async function digestOf(secret: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
