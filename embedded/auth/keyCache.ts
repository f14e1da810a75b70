import { clock } from "../clock.ts";

/** How long fetched keys are used without asking again. A revoked key is honoured that much longer. */
const KEYS_LIFETIME_MS = 60 * 60 * 1000;

/** How long keys are used while newer ones are asked for; after that, who has a token waits for them. */
const KEYS_MAX_AGE_MS = 2 * KEYS_LIFETIME_MS;

/** At most this often an unknown key leads to a new look: tokens with made-up key ids must not become requests. */
const REFETCH_PAUSE_MS = 10_000;

/** What is known of one provider's keys: the newest that came, and a request for newer ones. */
type Entry<K> = {
  keys: { value: K; cameAt: number } | null;
  askedAt: number;
  coming: Promise<K> | null;
};

/**
 * The keys of providers, fetched once and again when they are old or lack a key. Keys that came are used until others have
 * come, so a provider that cannot be asked for a while locks out nobody whose token they fit.
 */
export class KeyCache<K> {
  private readonly entries = new Map<string, Entry<K>>();

  constructor(private readonly fetchKeys: (address: string) => Promise<K>) {}

  /** `isStale`: the keys that came before lack the key of a token. Rejects only where no keys are known. */
  get(address: string, isStale = false): Promise<K> {
    const entry = this.entries.get(address) ?? { keys: null, askedAt: -Infinity, coming: null };
    this.entries.set(address, entry);
    const lifetime = isStale ? REFETCH_PAUSE_MS : KEYS_LIFETIME_MS;
    const now = clock.now();
    const { keys } = entry;
    if (keys === null) return entry.coming ?? this.ask(address, entry);
    const isDue = now - entry.askedAt >= lifetime;
    const coming = entry.coming ?? (isDue ? this.ask(address, entry) : null);
    // Whose token the known keys may fit does not wait for newer ones.
    const mustWait = isStale || now - keys.cameAt >= KEYS_MAX_AGE_MS;
    return coming !== null && mustWait ? coming : Promise.resolve(keys.value);
  }

  /** Asks for newer keys. Resolves to the known ones when there are some and newer ones cannot be had. */
  private ask(address: string, entry: Entry<K>): Promise<K> {
    entry.askedAt = clock.now();
    entry.coming = this.fetchKeys(address)
      .then((value) => {
        entry.keys = { value, cameAt: clock.now() };
        return value;
      })
      .catch((error: unknown) => {
        if (entry.keys === null) throw error;
        return entry.keys.value;
      })
      .finally(() => {
        entry.coming = null;
      });
    // A failure is told to whoever waits.
    entry.coming.catch(() => {});
    return entry.coming;
  }
}
