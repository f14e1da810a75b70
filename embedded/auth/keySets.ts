import { createLocalJWKSet } from "jose";
import type { JSONWebKeySet } from "jose";
import { clock } from "../clock.ts";

/** How long fetched keys are used without asking again. A revoked key is honoured that much longer. */
const KEYS_LIFETIME_MS = 60 * 60 * 1000;

/** How long keys are used while newer ones are asked for; after that, who has a token waits for them. */
const KEYS_MAX_AGE_MS = 2 * KEYS_LIFETIME_MS;

/** At most this often an unknown key leads to a new look: tokens with made-up key ids must not become requests. */
const REFETCH_PAUSE_MS = 10_000;

/** How long an issuer may take to answer. */
const FETCH_TIMEOUT_MS = 10_000;

export type KeySet = ReturnType<typeof createLocalJWKSet>;

/** An issuer's keys cannot be had, or are none. `status`: the one it answered with, if that is why. */
export class KeySetError extends Error {
  override name = "KeySetError";
  constructor(
    message: string,
    readonly status: number | null = null,
  ) {
    super(message);
  }
}

/** What a JWKS may be called (`JWKS_MEDIA_TYPES` in convex-backend's `crates/authentication/src/lib.rs`). */
const JWKS_MEDIA_TYPE = /^application\/(json|jwk-set\+json)\s*(;|$)/i;

/** Fetches a URL; `backend.ts` sends those of the backend itself to its own HTTP actions. */
export type Fetch = (url: string, init: { signal: AbortSignal }) => Promise<Response>;

/** What is known of one issuer's keys: the newest that came, and a request for newer ones. */
type Entry = {
  keys: { set: KeySet; cameAt: number } | null;
  askedAt: number;
  coming: Promise<KeySet> | null;
};

/**
 * The public keys of issuers, fetched once and again when they are old or lack a key. Keys that came are used until others have
 * come, so an issuer that cannot be asked for a while locks out nobody whose token they fit.
 */
export class KeySets {
  private readonly cache = new Map<string, Entry>();

  constructor(private readonly fetch: Fetch) {}

  /** The keys at a JWKS URL. `isStale`: those that it gave before lack the key of a token. */
  atUrl(jwksUrl: string, isStale = false): Promise<KeySet> {
    return this.cached(jwksUrl, isStale, async () => {
      const response = await this.request(jwksUrl).catch((error: unknown) => {
        const reason = error instanceof KeySetError ? error.message : String(error);
        throw new KeySetError(
          `Could not fetch JWKS from URL '${jwksUrl}': ${reason}. Check that the URL is correct and accessible.`,
        );
      });
      const type = response.headers.get("content-type") ?? "unknown";
      if (!jwksUrl.startsWith("data:") && !JWKS_MEDIA_TYPE.test(type)) {
        throw new KeySetError(
          `Invalid Content-Type '${type}' when fetching JWKS from '${jwksUrl}'. Expected 'application/json' or ` +
            "'application/jwk-set+json'.",
        );
      }
      return parseKeySet(jwksUrl, await response.text());
    });
  }

  /** The keys of an OpenID Connect issuer, found by its discovery document. */
  ofIssuer(issuer: string, isStale = false): Promise<KeySet> {
    return this.cached(issuer, isStale, async () => {
      const discovery = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
      const jwksUri = jwksUriIn(await (await this.request(discovery)).text());
      if (jwksUri === null) {
        throw new KeySetError(`Auth provider discovery of ${issuer} failed: ${discovery} names no jwks_uri`);
      }
      return parseKeySet(jwksUri, await (await this.request(jwksUri)).text());
    });
  }

  private cached(issuer: string, isStale: boolean, fetchKeys: () => Promise<KeySet>): Promise<KeySet> {
    const entry = this.cache.get(issuer) ?? { keys: null, askedAt: -Infinity, coming: null };
    this.cache.set(issuer, entry);
    const lifetime = isStale ? REFETCH_PAUSE_MS : KEYS_LIFETIME_MS;
    const now = clock.now();
    const isDue = entry.keys === null || now - entry.askedAt >= lifetime;
    const coming = entry.coming ?? (isDue ? this.ask(entry, fetchKeys) : null);
    const { keys } = entry;
    // Whose token the known keys may fit does not wait for newer ones.
    const mustWait = keys === null || isStale || now - keys.cameAt >= KEYS_MAX_AGE_MS;
    if (coming !== null && mustWait) return coming;
    return keys === null
      ? Promise.reject(new Error(`No keys of ${issuer} are known`))
      : Promise.resolve(keys.set);
  }

  /** Asks for newer keys. Resolves to the known ones when there are some and newer ones cannot be had. */
  private ask(entry: Entry, fetchKeys: () => Promise<KeySet>): Promise<KeySet> {
    entry.askedAt = clock.now();
    entry.coming = fetchKeys()
      .then((set) => {
        entry.keys = { set, cameAt: clock.now() };
        return set;
      })
      .catch((error: unknown) => {
        if (entry.keys === null) throw error;
        return entry.keys.set;
      })
      .finally(() => {
        entry.coming = null;
      });
    // A failure is told to whoever waits.
    entry.coming.catch(() => {});
    return entry.coming;
  }

  private async request(url: string): Promise<Response> {
    const response = await this.fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
    if (response.ok) return response;
    throw new KeySetError(`${url} answered with status ${response.status}`, response.status);
  }
}

function jwksUriIn(discovery: string): string | null {
  try {
    const { jwks_uri: uri } = JSON.parse(discovery) as { jwks_uri?: unknown };
    return typeof uri === "string" ? uri : null;
  } catch {
    return null;
  }
}

function parseKeySet(url: string, text: string): KeySet {
  try {
    return createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
  } catch {
    throw new KeySetError(
      `Invalid JWKS response body from '${url}'. The response is not valid JSON or doesn't match the expected JWKS format.`,
    );
  }
}
