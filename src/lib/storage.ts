/**
 * `localStorage` as JSON values, and never a reason to fail: with storage off or full the page works on, it only
 * forgets at a reload.
 */
export function readStored(key: string): unknown {
  try {
    return parsed(localStorage.getItem(key));
  } catch {
    return null;
  }
}

/** What is damaged counts as nothing. */
function parsed(raw: string | null): unknown {
  try {
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

/**
 * Calls back when another tab changed a key that begins with `prefix`, with the value before that change. The value after it is to be
 * read: this tab, or a third, may have changed it since.
 */
export function onStoredChange(prefix: string, callback: (key: string, before: unknown) => void): () => void {
  const listener = ({ key, oldValue }: StorageEvent) => {
    if (key?.startsWith(prefix)) callback(key, parsed(oldValue));
  };
  window.addEventListener("storage", listener);
  return () => window.removeEventListener("storage", listener);
}
