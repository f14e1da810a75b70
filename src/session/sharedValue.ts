/** One value that all tabs share, read and written by one at a time. */
export interface SharedValue<T> {
  /** Gives `next` the value, null if there is none, and keeps what it returns. Atomic: no other tab's comes between. */
  change: (next: (value: T | null) => T | null) => Promise<void>;
  close: () => void;
}

/**
 * A value in IndexedDB, whose transactions exclude each other across tabs: what one has committed, the next one in any tab reads. (What a
 * tab writes to `localStorage` reaches the others a moment later.) It is there on plain http too. Null where the browser keeps nothing.
 */
export async function openSharedValue<T>(name: string): Promise<SharedValue<T> | null> {
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

// As earlier versions named it, which kept leases only.
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
function change<T>(database: IDBDatabase, next: (value: T | null) => T | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, "readwrite");
    const values = transaction.objectStore(STORE);
    const stored = values.get(KEY) as IDBRequest<T | null | undefined>;
    stored.onsuccess = () => {
      values.put(next(stored.result ?? null), KEY);
    };
    const fail = () => reject(transaction.error ?? new Error("The shared value could not be written"));
    transaction.oncomplete = () => resolve();
    transaction.onabort = fail;
    transaction.onerror = fail;
  });
}
