import type { SharedValue } from "./sharedValue.ts";

/**
 * A lock among tabs for pages that have no `navigator.locks`: one tab holds a lease, which it renews, and which ends by itself when
 * the tab dies. Plain logic; where leases are kept is in `sharedValue.ts`.
 */

/** ms that a lease lasts unless it is renewed. A tab in the background may renew only once a second. */
const LEASE_MS = 5_000;
const RENEWAL_MS = 1_000;

/** ms between two looks at a lease that another tab holds. */
const LOOK_MS = 100;

export interface Lease {
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Runs `task` while no other tab does. Where leases cannot be kept it runs all the same. */
export async function withLease(
  opened: Promise<SharedValue<Lease> | null>,
  task: () => Promise<void>,
): Promise<void> {
  const store = await opened;
  if (store === null) return task();
  const owner = crypto.getRandomValues(new Uint32Array(4)).join("-");
  while (!(await take(store, owner))) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  // A renewal that fails leaves the lease to whoever waits for it.
  const renewal = setInterval(() => void take(store, owner).catch(() => undefined), RENEWAL_MS);
  try {
    await task();
  } finally {
    clearInterval(renewal);
    await store.change((lease) => (lease?.owner === owner ? null : lease)).catch(() => undefined);
    store.close();
  }
}

/** True when the lease is this tab's now. */
async function take(store: SharedValue<Lease>, owner: string): Promise<boolean> {
  let isMine = false;
  await store.change((lease) => {
    const now = Date.now();
    // One that ends far in the future is from a clock that has been put back.
    const isHeld = lease !== null && lease.until > now && lease.until <= now + LEASE_MS;
    isMine = lease?.owner === owner || !isHeld;
    return isMine ? { owner, until: now + LEASE_MS } : lease;
  });
  return isMine;
}
