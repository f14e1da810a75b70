import { createLocalJWKSet } from "jose";
import type { JSONWebKeySet } from "jose";
import { clock } from "../clock.ts";

/** How long fetched keys are used without asking again. A revoked key is honoured that much longer. */
const KEYS_LIFETIME_MS = 60 * 60 * 1000;

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

/** The public keys of issuers, fetched once and again when they are old or lack a key. */
export class KeySets {
  private readonly cache = new Map<string, { keys: Promise<KeySet>; fetchedAt: number }>();

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

  private cached(key: string, isStale: boolean, fetchKeys: () => Promise<KeySet>): Promise<KeySet> {
    const known = this.cache.get(key);
    const lifetime = isStale ? REFETCH_PAUSE_MS : KEYS_LIFETIME_MS;
    if (known !== undefined && clock.now() - known.fetchedAt < lifetime) return known.keys;
    const keys = fetchKeys();
    this.cache.set(key, { keys, fetchedAt: clock.now() });
    // A failure is told to whoever waits, and not kept.
    keys.catch(() => {
      if (this.cache.get(key)?.keys === keys) this.cache.delete(key);
    });
    return keys;
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
