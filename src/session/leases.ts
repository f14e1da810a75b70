import type { Lease, LeaseStore } from "./withLease.ts";

/**
 * A lease in IndexedDB, whose transactions exclude each other across tabs; it is there on plain http too. Null where the browser
 * keeps nothing.
 */
export async function openLeases(name: string): Promise<LeaseStore | null> {
  try {
    const database = await open(name);
    return {
      change: (next) => change(database, next),
      close: () => database.close(),
    };
  } catch {
    return null;
  }
}

const STORE = "lease";
const KEY = "only";

function open(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB could not be opened"));
  });
}

/** Resolves when it is committed. */
function change(database: IDBDatabase, next: (lease: Lease | null) => Lease | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, "readwrite");
    const leases = transaction.objectStore(STORE);
    const stored = leases.get(KEY) as IDBRequest<Lease | undefined>;
    stored.onsuccess = () => {
      leases.put(next(stored.result ?? null), KEY);
    };
    const fail = () => reject(transaction.error ?? new Error("The lease could not be written"));
    transaction.oncomplete = () => resolve();
    transaction.onabort = fail;
    transaction.onerror = fail;
  });
}
