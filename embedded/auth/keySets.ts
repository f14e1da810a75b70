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

/** Fetches a URL; `backend.ts` sends those of the backend itself to its own HTTP actions. */
export type Fetch = (url: string, init: { signal: AbortSignal }) => Promise<Response>;

/** The public keys of issuers, fetched once and again when they are old or lack a key. */
export class KeySets {
  private readonly cache = new Map<string, { keys: Promise<KeySet>; fetchedAt: number }>();

  constructor(private readonly fetch: Fetch) {}

  /** The keys at a JWKS URL. `isStale`: those that it gave before lack the key of a token. */
  atUrl(jwksUrl: string, isStale = false): Promise<KeySet> {
    return this.cached(jwksUrl, isStale, async () =>
      createLocalJWKSet((await this.json(jwksUrl)) as JSONWebKeySet),
    );
  }

  /** The keys of an OpenID Connect issuer, found by its discovery document. */
  ofIssuer(issuer: string, isStale = false): Promise<KeySet> {
    return this.cached(issuer, isStale, async () => {
      const discovery = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
      const { jwks_uri: jwksUri } = (await this.json(discovery)) as { jwks_uri?: unknown };
      if (typeof jwksUri !== "string") throw new Error(`${discovery} names no jwks_uri`);
      return createLocalJWKSet((await this.json(jwksUri)) as JSONWebKeySet);
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

  private async json(url: string): Promise<unknown> {
    const response = await this.fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
    if (!response.ok) throw new Error(`${url} answered with status ${response.status}`);
    return response.json();
  }
}
