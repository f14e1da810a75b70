/**
 * `localStorage` as JSON values, and never a reason to fail: with storage off or full the page works on, it only
 * forgets at a reload.
 */
export function readStored(key: string): unknown {
  try {
    const raw = localStorage.getItem(key);
    return raw === null ? null : JSON.parse(raw);
  } catch {
    return null;
  }
}

/** Returns whether the value was kept. */
export function writeStored(key: string, value: unknown): boolean {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** The stored keys that begin with `prefix`. */
export function storedKeys(prefix: string): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

/** Calls back when another tab changed a key that begins with `prefix`. */
export function onStoredChange(prefix: string, callback: (key: string) => void): () => void {
  const listener = (event: StorageEvent) => {
    if (event.key?.startsWith(prefix)) callback(event.key);
  };
  window.addEventListener("storage", listener);
  return () => window.removeEventListener("storage", listener);
}
